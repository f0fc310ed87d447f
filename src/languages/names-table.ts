/** Names of languages, regions and scripts. Both files are read when they are needed first. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import type { LanguageTag } from './language-tags.js';

type Names = Readonly<Record<string, readonly string[]>>;

/** `cldr-names.json`, made by `.config/make-cldr-names.js`: what CLDR calls them. */
export type CldrNames = {
  /** In English, by tag. */
  readonly names: Names;
  /** In themselves, by tag. */
  readonly own: Names;
  /** In English, by subtag. */
  readonly regions: Names;
  readonly scripts: Names;
};

/** `language-names.json`, kept by hand: other names that people use. */
export type OtherNames = {
  readonly names: Names;
  /** Of languages in themselves, where Intl has no locale of theirs. */
  readonly own: Readonly<Record<LanguageTag, string>>;
  /** What may stand for a region or script beside a language. */
  readonly regions: Names;
  readonly scripts: Names;
};

let cldr: CldrNames | undefined;
let other: OtherNames | undefined;

/** What CLDR calls them. */
export function cldrNames(): CldrNames {
  return (cldr ??= read('cldr-names.json') as CldrNames);
}

/** What people call them, too. */
export function otherNames(): OtherNames {
  return (other ??= read('language-names.json') as OtherNames);
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(packageRoot(), 'src', 'languages', file), 'utf8'));
}
