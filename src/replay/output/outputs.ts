import { lstatSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { messageOf, ParleyError } from '../../errors.js';
import type { LanguageTag } from '../../languages/languages.js';

/** Where the results of one input go. Captions are written as it was said, and translated. */
export type OutputPaths = {
  wav: string;
  events: string;
  saidVtt: string;
  saidSrt: string;
  translatedVtt: string;
  translatedSrt: string;
  report: string;
};

/** What captions of what was said are called where their language is not known, or is that of the translation too. */
const ORIGINAL = 'original';

/** Room for the longest suffix within the 255 bytes that file systems give a name. */
const LONGEST_BASE_BYTES = 220;

/**
 * Output paths, one set per input, all in `outDir`: named after the input's stem; inputs with one stem keep their full
 * names (`a.wav`, `a.mp3`), and whatever still collides is numbered. Names differ beyond upper and lower case.
 */
export function planOutputs(
  inputPaths: readonly string[],
  outDir: string,
  { from, to }: { from?: LanguageTag | undefined; to: LanguageTag },
): OutputPaths[] {
  const said = from === undefined || from.toLowerCase() === to.toLowerCase() ? ORIGINAL : from;
  const stems = inputPaths.map((path) => fileBase(basename(path, extname(path))));
  const shared = new Set(
    stems.filter((stem, index) => stems.findIndex((other) => same(other, stem)) < index),
  );
  const taken = new Set<string>();
  return inputPaths.map((path, index) => {
    const stem = stems[index]!;
    const isShared = [...shared].some((other) => same(other, stem));
    const base = isShared ? fileBase(basename(path)) : stem;
    let name = base;
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${base}-${count}`;
    taken.add(name.toLowerCase());
    const at = (suffix: string): string => join(outDir, `${name}.${suffix}`);
    return {
      wav: at('translated.wav'),
      events: at('events.jsonl'),
      saidVtt: at(`${said}.vtt`),
      saidSrt: at(`${said}.srt`),
      translatedVtt: at(`${to}.vtt`),
      translatedSrt: at(`${to}.srt`),
      report: at('report.html'),
    };
  });
}

/**
 * Checks that nothing written there replaces an input (by any name or link) or another output, or leaves its folder through
 * a link. Throws ParleyError `usage` with what to do.
 */
export function checkOutputs(inputPaths: readonly string[], outputs: readonly string[]): void {
  const inputs = inputPaths.map((path) => [path, inspect(() => statSync(path))] as const);
  const named = new Set<string>();
  for (const output of outputs) {
    if (named.has(resolve(output)))
      throw new ParleyError('usage', `${output} would hold two results: choose another name`);
    named.add(resolve(output));
    const found = inspect(() => lstatSync(output));
    if (found === undefined) continue;
    if (found.isSymbolicLink())
      throw new ParleyError('usage', `${output} is a symbolic link: remove it or write somewhere else`);
    const input = inputs.find(([, stats]) => stats?.ino === found.ino && stats.dev === found.dev);
    if (input !== undefined)
      throw new ParleyError('usage', `${output} would overwrite the input ${input[0]}: write somewhere else`);
  }
}

/** Makes a folder and those above it. Throws ParleyError `usage` when that cannot be done. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new ParleyError('usage', `cannot make the folder ${path}: ${messageOf(cause)}`, { cause });
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function inspect(read: () => Stats): Stats | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** A name that is safe as the beginning of a file name anywhere: no separators, no control characters, not too long. */
export function fileBase(name: string): string {
  let base = name.replace(/[\p{Cc}/\\:*?"<>|]/gu, '_').replace(/^\.+/, '_');
  while (Buffer.byteLength(base) > LONGEST_BASE_BYTES) base = Array.from(base).slice(0, -1).join('');
  return base === '' ? 'recording' : base;
}
