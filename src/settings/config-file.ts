import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { shown } from '../bot/settings/problems.js';
import { ParleyError } from '../errors.js';

/** The file that is read where it exists and no other is named. */
const DEFAULT_CONFIG_FILE = 'parley.config.json';

/** A configuration file that was read. `named`: by `--config`, not found in passing. */
export type ConfigFile = { path: string; named: boolean; content: Readonly<Record<string, unknown>> };

/**
 * Reads the file that `--config` names, or `parley.config.json` in `directory` where there is one. Throws `config` for
 * a named file that is not there and for one that holds no JSON object.
 */
export function readConfigFile(named: string | undefined, directory: string): ConfigFile | undefined {
  const path = named ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(resolve(directory, path), 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ParleyError('config', `${shown(path)} cannot be read; check --config`, { cause: error });
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new ParleyError('config', `${shown(path)} is not JSON`); // the parser's message would quote the file
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ParleyError('config', `${shown(path)} must hold a JSON object, such as {"voice": "cedar"}`);
  }
  return { path, named: named !== undefined, content: content as Record<string, unknown> };
}

/** Larger files are not what a setting means. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

/**
 * The content of a JSON file that a setting names. `place` says in errors where it is named, such as `--glossary`. Throws
 * ParleyError `input_missing` or `input_unusable`.
 */
export function readJsonFile(path: string, place: string): unknown {
  const named = `${place} ${shown(path, 200)}`;
  let text: string;
  try {
    if (statSync(path).size > MAX_JSON_BYTES)
      throw new ParleyError('input_unusable', `${named} is larger than 8 MiB`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('input_missing', `${named} cannot be read: is the path right?`, { cause: error });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new ParleyError('input_unusable', `${named} is not JSON`); // the parser's message would quote the file
  }
}
