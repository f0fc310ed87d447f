import { captionLine, cueTime, type Cue } from './cue.js';

/**
 * SubRip text. SubRip has no escapes, so what a player would take for markup is written with look-alikes: `<` and `>`
 * as single guillemets, `-->` as an arrow, `{\` with a space inside. Cues without text are left out.
 */
export function writeSrt(cues: readonly Cue[]): string {
  let number = 0;
  const blocks: string[] = [];
  for (const cue of cues) {
    const text = plainText(cue.text);
    if (text === '') continue;
    number++;
    blocks.push(`${number}\n${cueTime(cue.startMs, ',')} --> ${cueTime(cue.endMs, ',')}\n${text}\n`);
  }
  return blocks.join('\n');
}

function plainText(text: string): string {
  return captionLine(text)
    .replaceAll('-->', '→')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('{\\', '{ \\');
}
