/** Bytes of a text file become text. Pure. */
import { ParleyError } from '../../../errors.js';

/** A text with more of these than one in so many characters is none. */
const MAX_CONTROL_SHARE = 1 / 200;
// eslint-disable-next-line no-control-regex -- what no text file holds
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/g;

/**
 * The text: UTF-8, UTF-16 with a byte order mark, or `declared`, what the file says of itself.
 * @throws ParleyError `input_unusable` where it is neither.
 */
export function decodedText(bytes: Uint8Array, declared?: string): string {
  const text = decoded(bytes, declared).replace(/\r\n?/g, '\n');
  const controls = text.match(CONTROLS)?.length ?? 0;
  if (controls > text.length * MAX_CONTROL_SHARE)
    throw new ParleyError('input_unusable', 'this is no text: it holds control characters');
  return text.replace(CONTROLS, '');
}

function decoded(bytes: Uint8Array, declared: string | undefined): string {
  const mark = bytes.length < 2 ? 0 : bytes[0]! * 256 + bytes[1]!;
  const label = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : undefined;
  for (const each of label === undefined ? ['utf-8', declared] : [label]) {
    if (each === undefined) continue;
    try {
      return new TextDecoder(each, { fatal: true }).decode(bytes);
    } catch {
      // another one may fit, or an unknown name
    }
  }
  throw new ParleyError('input_unusable', 'the text is neither UTF-8 nor UTF-16: save it as UTF-8');
}

/** The encoding that an HTML file says it has, as far as its first bytes tell. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 2_048)).toString('latin1');
  return /<meta[^>]+charset\s*=\s*["']?([\w-]{2,40})/i.exec(start)?.[1]?.toLowerCase();
}
