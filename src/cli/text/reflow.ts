import { wrapWords } from '../views/terminal-text.js';

/**
 * Text of a help page at a width: lines that follow each other and are not indented are one paragraph, and break between
 * words where it is too wide. Indented lines, such as examples and lists of options, stay as they are.
 */
export function reflowed(text: string, columns: number): string {
  const out: string[] = [];
  let paragraph: string[] = [];
  const finish = (): void => {
    if (paragraph.length > 0) out.push(...wrapWords(paragraph.join(' '), columns));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const isProse = /^\S/.test(line);
    if (isProse) paragraph.push(line);
    if (!isProse || line.endsWith(':')) finish();
    if (!isProse) out.push(line);
  }
  finish();
  return out.join('\n');
}
