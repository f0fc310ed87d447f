import { cueTime, type Cue, namedLine } from './cue.js';

/**
 * SubRip text. With `named`, a cue's speaker stands in front of its words. SubRip has no escapes, so what a player would take
 * for markup is written with look-alikes: `<` and `>` as single guillemets, `-->` as an arrow, `{\` with a space inside, the
 * backslash of `\N`, `\n` and `\h`, which stand for line breaks and spaces, as `∖`. Cues without text are left out.
 */
export function writeSrt(cues: readonly Cue[], { named = false }: { named?: boolean } = {}): string {
  let number = 0;
  const blocks: string[] = [];
  for (const cue of cues) {
    const text = withoutMarkup(namedLine(named ? (cue.speaker ?? '') : '', cue.text));
    if (text === '') continue;
    number++;
    blocks.push(`${number}\n${cueTime(cue.startMs, ',')} --> ${cueTime(cue.endMs, ',')}\n${text}\n`);
  }
  return blocks.join('\n');
}

function withoutMarkup(text: string): string {
  return text
    .replaceAll('-->', '→')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('{\\', '{ \\')
    .replace(/\\(?=[Nnh])/g, '∖');
}
