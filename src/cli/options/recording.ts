/** Options of commands that read a recording. */
import { Option } from 'commander';
import { parseWhole } from './options.js';

/** `--audio-track N`: a number from 1 on. */
export function audioTrackOption(): Option {
  return new Option(
    '--audio-track <number>',
    'audio track, from 1 on (default: the default one if it has speech, else the first that has)',
  ).argParser(parseWhole(1, 999));
}

/** `--channels`: which of a track's channels are heard. */
export function channelsOption(choices: readonly string[]): Option {
  const split = choices.includes('split') ? ', split (each a speaker)' : '';
  return new Option('--channels <which>', `channels that are heard: mix${split}, left or right`)
    .choices(choices)
    .default('mix');
}
