import { lstatSync, statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { writeWav } from '../../../audio/wav.js';
import { ParleyError } from '../../errors.js';
import { readMedia } from '../../media/read-media.js';
import { CONVERT_RATES_HZ, convertAudio, type ConvertRateHz } from '../../replay/convert.js';
import { replaceFile } from '../../replay/output/safe-file.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';

/** `parley convert`: a recording through the live streaming path, and nothing else. */
export function addConvert(program: Command, { io }: CommandContext): void {
  program
    .command('convert')
    .summary('run a recording through the live audio path into a WAV')
    .description(
      'Runs a recording through the live streaming path in frames of 10 ms (to 48 kHz mono, then to the rate asked for)\n' +
        'and writes mono 16-bit PCM. The result is as long as the recording and aligned with it.',
    )
    .argument('<media>', 'recording: WAV, MP3, Ogg, Opus, M4A, WebM or FLAC')
    .argument('<out.wav>', 'file to write')
    .addOption(
      new Option('--rate <hz>', 'sample rate of the result')
        .choices(CONVERT_RATES_HZ.map(String))
        .makeOptionMandatory(),
    )
    .addHelpText('after', '\nExample:\n  parley convert talk.mp3 talk-24k.wav --rate 24000')
    .action(async (media: string, out: string, options: { rate: string }) => {
      const rateHz = Number(options.rate) as ConvertRateHz;
      refuseSameFile(media, out);
      const audio = await readMedia(media);
      for (const warning of audio.warnings) io.err(`parley: ${plain(warning)}\n`);
      const samples = await convertAudio(audio, rateHz);
      replaceFile(out, writeWav({ sampleRateHz: rateHz, channelCount: 1, samples }));
      io.out(`${plain(out)}: ${rateHz} Hz mono, ${(samples.length / rateHz).toFixed(3)} s\n`);
    });
}

function refuseSameFile(media: string, out: string): void {
  const input = statSync(media, { throwIfNoEntry: false });
  const output = lstatSync(out, { throwIfNoEntry: false });
  if (input !== undefined && output?.ino === input.ino && output.dev === input.dev)
    throw new ParleyError('usage', `${plain(out)} is the recording itself: write to another file`);
}
