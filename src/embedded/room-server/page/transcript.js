/** What was read on the screen as a file that the person saves: plain text, one caption after the other. */
import { captionTexts } from './parley-client.js';
import { regionalLanguage, text } from './texts.js';

/** @typedef {import('./page-types.d.ts').ShownCaption} ShownCaption */

/**
 * @param {readonly ShownCaption[]} captions
 * @param {{ meetingId: string, language: string }} reader
 */
export function saveTranscript(captions, { meetingId, language }) {
  const words = transcriptOf(captions, { meetingId, language });
  const link = document.createElement('a');
  const address = URL.createObjectURL(new Blob([words], { type: 'text/plain;charset=utf-8' }));
  link.href = address;
  link.download = `${meetingId}-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address));
}

/**
 * @param {readonly ShownCaption[]} captions
 * @param {{ meetingId: string, language: string }} reader
 */
function transcriptOf(captions, { meetingId, language }) {
  const lines = [text('transcript.title', { meeting: meetingId }), ''];
  for (const caption of captions) {
    const { main, other } = captionTexts(caption, language);
    const at = new Date(caption.sentAtMs).toLocaleString(regionalLanguage());
    lines.push(
      `${at}  ${isolated(caption.speakerName === '' ? text('people.nameless') : caption.speakerName)}`,
    );
    for (const { text: words } of [main, other]) if (words !== '') lines.push(`  ${isolated(words)}`);
    lines.push('');
  }
  return lines.join('\r\n');
}

/** Words whose direction does not touch what stands beside them. @param {string} words */
function isolated(words) {
  return `\u2068${words}\u2069`;
}
