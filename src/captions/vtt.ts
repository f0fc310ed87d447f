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
    const speaker = annotation(cue.speaker ?? '');
    const payload = speaker === '' ? spoken : `<v ${speaker}>${spoken}</v>`;
    blocks.push(`${cueTime(cue.startMs, '.')} --> ${cueTime(cue.endMs, '.')}\n${payload}\n`);
  }
  return blocks.join('\n');
}

/**
 * A name in a tag. Angle brackets are written with look-alikes, since ffmpeg takes escaped ones for those of the tag, and a name
 * that ends in hyphens would make an arrow with the end of its tag.
 */
function annotation(name: string): string {
  return escapeVtt(
    captionLine(name)
      .replaceAll('<', '‹')
      .replaceAll('>', '›')
      .replace(/-{2,}$/, '—'),
  );
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
