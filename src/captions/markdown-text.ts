import { captionLine } from './cue.js';

/** Text that Markdown shows as it is: one line without markup, HTML or links, that begins no list. */
export function markdownText(text: string): string {
  return captionLine(text)
    .replace(/[\\`*_{}[\]<>#|~&$@]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/(?<=www)\./gi, '\\.')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}
