import { readFile, stat } from 'node:fs/promises';
import { ParleyError } from '../../errors.js';
import { plain } from '../io.js';

/** Larger files are not what an option means. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A JSON file that an option names. Throws ParleyError `input_missing` or `input_unusable`, naming option and file. */
export async function readJson(path: string, option: string): Promise<unknown> {
  const shown = `${option} ${plain(path)}`;
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new ParleyError('input_unusable', `${shown} is larger than 8 MiB`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('input_missing', `${shown} cannot be read: is the path right?`, { cause: error });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new ParleyError('input_unusable', `${shown} is not JSON`); // the parser's message would quote the file
  }
}
