import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Interruption } from '../../captions/caption.js';
import type { LanguageTag } from '../../languages/languages.js';
import { packageRoot } from '../../package-root.js';

/** Texts about somebody's own language, and about the record. `{}` stands for languages by their own names, and needs no case. */
type LanguageNoticeTexts = {
  /** That there is an interpreter; here `{}` is its name. */
  readonly interpreting: string;
  /** Asks for a choice. */
  readonly ask: string;
  /** What they hear and read from now on. */
  readonly set: string;
  /** What they speak, where that is not what they hear. */
  readonly spoken: string;
  /** Added where the language was recognised, not chosen. */
  readonly guessed: string;
  /** The language that they prefer is not available. */
  readonly missing: string;
  /** Shown while the meeting is recorded. */
  readonly recorded: string;
  /** That an agent listens; `{}` is what it is called by. */
  readonly agent: string;
  /** That minutes are written afterwards. */
  readonly minutes: string;
  /** Their microphone is very quiet. */
  readonly quiet: string;
  /** The agent could not answer them; here `{}` is its name. */
  readonly noAnswer: string;
};

/** Texts about interruptions of the interpretation. `{}` stands for a speaker's name. */
type InterruptionTexts = Readonly<Record<Interruption, string>>;

/** All texts of one language. */
type NoticeTexts = LanguageNoticeTexts & InterruptionTexts;

/** Texts by language, with the script where one language has two texts. */
type NoticeTextTable = Readonly<Record<string, NoticeTexts>> & { readonly en: NoticeTexts };

let table: NoticeTextTable | undefined;

/** Every text that people are shown, by language: `notice-texts.json`, read when the first one is needed. */
export function noticeTexts(): NoticeTextTable {
  table ??= JSON.parse(
    readFileSync(join(packageRoot(), 'src', 'interpreter', 'notices', 'notice-texts.json'), 'utf8'),
  ) as NoticeTextTable;
  return table;
}

/** The texts for a reader of `tag`, and the language that they are in: English where there are none. */
export function textsFor(tag: LanguageTag): { texts: NoticeTexts; language: LanguageTag } {
  const texts = noticeTexts();
  const { language, script } = new Intl.Locale(tag).maximize();
  for (const key of [`${language}-${script ?? ''}`, language]) {
    const own = Object.hasOwn(texts, key) ? texts[key] : undefined;
    if (own !== undefined) return { texts: own, language: key };
  }
  return { texts: texts.en, language: 'en' };
}
