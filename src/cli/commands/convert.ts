import { lstatSync, statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { ParleyError } from '../../errors.js';
import { openRecording, type Recording } from '../../media/recording.js';
import { CONVERT_RATES_HZ, LivePathConverter, type ConvertRateHz } from '../../replay/convert.js';
import { WavFile } from '../../replay/output/wav-file.js';
import type { CommandContext } from '../io.js';
import { audioTrackOption, channelsOption } from '../options/recording.js';
import { plain } from '../../text.js';

type ConvertOptions = { rate: string; audioTrack?: number; channels: 'mix' | 'left' | 'right' };

/** `parley convert`: a recording through the live streaming path, and nothing else. */
export function addConvert(program: Command, { io }: CommandContext): void {
  program
    .command('convert')
    .summary('run a recording through the live audio path into a WAV')
    .description(
      'Runs a recording through the live streaming path in frames of 10 ms (to 48 kHz mono, then to the rate asked for)\n' +
        'and writes mono 16-bit PCM. The result is as long as the recording and aligned with it.',
    )
    .argument('<media>', 'recording: WAV, MP3, M4A, Ogg, WebM, FLAC and others')
    .argument('<out.wav>', 'file to write')
    .addOption(
      new Option('--rate <hz>', 'sample rate of the result')
        .choices(CONVERT_RATES_HZ.map(String))
        .makeOptionMandatory(),
    )
    .addOption(audioTrackOption())
    .addOption(channelsOption(['mix', 'left', 'right']))
    .addHelpText('after', '\nExample:\n  parley convert talk.mp3 talk-24k.wav --rate 24000')
    .action(async (media: string, out: string, options: ConvertOptions) => {
      const rateHz = Number(options.rate) as ConvertRateHz;
      refuseSameFile(media, out);
      const { audioTrack, channels } = options;
      const recording = await openRecording(media, { audioTrack, channels });
      try {
        const sampleCount = await convert(recording, rateHz, out);
        for (const warning of recording.warnings()) io.err(`parley: ${plain(warning)}\n`);
        io.out(`${plain(out)}: ${rateHz} Hz mono, ${(sampleCount / rateHz).toFixed(3)} s\n`);
      } finally {
        await recording.close();
      }
    });
}

/** Writes the recording as it comes; how many samples it has become. */
async function convert(recording: Recording, rateHz: ConvertRateHz, out: string): Promise<number> {
  const converter = await LivePathConverter.of(recording.sampleRateHz, rateHz);
  let voices = await recording.read(); // what cannot be read at all leaves the file that is there
  const file = new WavFile(out, rateHz);
  try {
    for (; voices !== undefined; voices = await recording.read()) file.write(converter.push(voices[0]!));
    for (const rest of converter.end()) file.write(rest);
  } finally {
    converter.close();
    file.close();
  }
  return file.sampleCount;
}

function refuseSameFile(media: string, out: string): void {
  const input = statSync(media, { throwIfNoEntry: false });
  const output = lstatSync(out, { throwIfNoEntry: false });
  if (input !== undefined && output?.ino === input.ino && output.dev === input.dev)
    throw new ParleyError('usage', `${plain(out)} is the recording itself: write to another file`);
}
