import { captionLine, cueTime, type Cue } from './cue.js';

/**
 * WebVTT text (https://www.w3.org/TR/webvtt1/): the speaker as a voice span, the language as a language span, markup in
 * texts escaped. Cues without text are left out.
 */
export function writeVtt(cues: readonly Cue[]): string {
  const blocks = ['WEBVTT\n'];
  for (const cue of cues) {
    const text = escapeVtt(captionLine(cue.text));
    if (text === '') continue;
    const language = cue.language ?? '';
    const spoken = language === '' ? text : `<lang ${escapeVtt(language)}>${text}</lang>`;
    const speaker = escapeVtt(captionLine(cue.speaker ?? ''));
    const payload = speaker === '' ? spoken : `<v ${withoutArrow(speaker)}>${spoken}</v>`;
    blocks.push(`${cueTime(cue.startMs, '.')} --> ${cueTime(cue.endMs, '.')}\n${payload}\n`);
  }
  return blocks.join('\n');
}

/** A name that ends in hyphens would make an arrow with the end of its tag. */
function withoutArrow(speaker: string): string {
  return speaker.replace(/-{2,}$/, '—');
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
