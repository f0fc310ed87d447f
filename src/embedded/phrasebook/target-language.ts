import { parseLanguage } from '../../languages/languages.js';
import { findLanguages } from './language-mentions.js';

/**
 * Which language a session's instructions ask to be answered in.
 *
 * The grammar, for prose in English, Spanish, German and French. Instructions are read sentence by sentence (a line of a list
 * is one). Each language named in a sentence gets a role, from the words just before and after it:
 * - *avoided*: after "not", "never", "instead of", "nunca", "nicht", "jamais" ...; it is ignored.
 * - *target*: after "to", "into", "->", "al", "ins", "vers" ..., after "target", "output", after "in" (en, auf) that follows a
 *   verb of saying ("answer in", "say it in"), as object of an order to speak ("speak English"), or after "for" and before
 *   whoever listens ("for our German audience", "the audience understands German").
 * - *source*: after "from", "speaks", "hear", "source", "del", "aus dem", "du" ..., before "is spoken", "speech", "speaker",
 *   or after "in" that follows a participle ("said in").
 * - otherwise *open*: a source when a target follows it in the sentence ("Spanish to English").
 *
 * Each target becomes a rule: from its sentence's nearest source before it, else the nearest after it, else from anything.
 * "X <-> Y", "between X and Y", and two speakers with a language each and no other rule, go both ways. "For A" names the
 * language that A was said to speak. A two-column list is read by its heading, or as "X | Y" from left to right.
 *
 * What stands between double quotes is somebody's text and no order, unless it is the name of a language and nothing else.
 *
 * The heard language picks its own rule first, then a rule from anything, then whatever the rules agree on.
 * @param heardLanguage subtag of the language that was spoken, where known
 * @returns a language subtag, or `undefined` when the instructions name no target, or several and none for what was heard
 */
export function targetLanguageOf(instructions: string, heardLanguage?: string): string | undefined {
  const rules = readRules(withoutQuotedTexts(instructions.slice(0, MAX_LENGTH)));
  const own = rules.find(({ from, to }) => from !== undefined && from === heardLanguage && to !== from);
  const general = rules.filter(({ from }) => from === undefined);
  if (own !== undefined) return own.to;
  if (general.length > 0) return agreed(general) ?? agreed(general.filter(({ to }) => to !== heardLanguage));
  return agreed(rules);
}

/** The longest instructions that are read to their end; a server's own limit is lower. */
const MAX_LENGTH = 32_768;

/** A text between double quotes on one line, as long as a quoted text in instructions may be. */
const QUOTED = /"([^"\n]{0,2000})"/gu;

function withoutQuotedTexts(instructions: string): string {
  return instructions.replace(QUOTED, (quoted: string, text: string) => {
    const [language] = findLanguages(quoted);
    const isName = language?.start === 1 && language.end === quoted.length - 1;
    return isName || parseLanguage(text) !== undefined ? quoted : '" "';
  });
}

type Rule = { from: string | undefined; to: string };
type Role = 'target' | 'source' | 'avoided' | 'open';
type Mention = { language: string; role: Role; used: boolean };

const L = '\\p{L}\\p{M}';
const words = (list: string): string => `(?<![${L}])(?:${list})(?![${L}])`;
const pattern = (source: string): RegExp => new RegExp(source, 'iu');

/** Words that may stand between a cue and the language it is about: "into *natural spoken* English", "only in *the language*". */
const FILLER = `(?:[\\s"'\`*_(:]|${words(
  'the|a|an|our|your|plain|natural|fluent|clear|spoken|standard|simple|british|american|proper|good|only|just|either|' +
    'australian|austrian|brazilian|canadian|european|latin american|mexican|swiss high|swiss|simplified|traditional|' +
    'language|languages|el|la|idioma|lengua|solo|sólo|siempre|die|das|der|dem|den|sprache|nur|immer|langue|toujours|uniquement',
)}|l['’])*`;

const NEGATION = pattern(
  `(?:${words(
    "not|never|don't|don’t|cannot|won't|without|avoid|except|instead of|rather than|other than|nunca|jamás|evita|excepto|" +
      'en vez de|en lugar de|nicht|nie|niemals|kein|keine|keinen|vermeide|statt|anstatt|jamais|pas|sauf|évite|au lieu de',
  )}|${words('no')}(?!\\s+(?:matter|importa)))[^,;:]*$`,
);
const TARGET_WORD = pattern(
  `(?:${words(
    'to|into|towards|target|output|al|hacia|destino|objetivo|salida|ins|nach|zielsprache|ausgabe|vers|cible|sortie|answers?|' +
      'reply language|response language|target language|output language',
  )}|->|→|=>|⇒)(?:\\s*(?:language|lengua|idioma|langue))?\\s*(?:${words('is|should be|must be|es|ist|est')})?\\s*[:=]?${FILLER}$`,
);
const SOURCE_WORD = pattern(
  `${words(
    'from|source|input|speaks|speaking|talks|hears?|heard|listen to|listening to|understands?|uses|using|del|desde|de|origen|' +
      'entrada|habla|hablan|hablo|oigas|oyes|aus|vom|von|quellsprache|spricht|sprechen|spreche|hörst|depuis|du|des|parle|parlent|entends|' +
      'entendez|when|if|cuando|si|wenn|quand',
  )}(?:\\s*(?:language|lengua|idioma|langue))?\\s*(?:${words('is|es|ist|est')})?\\s*[:=]?${FILLER}$`,
);
const IN = pattern(`${words('in|en|auf|im')}${FILLER}$`);
const SAYING = pattern(
  words(
    'answer|answers|respond|responds|reply|replies|say|says|speak|render|output|translate|translates|interpret|' +
      'interprets|repeat|write|produce|give|voice|deliver|be|traduce|traduzca|traducir|interpreta|interprete|responde|responda|responder|' +
      'contesta|conteste|habla|hable|hablar|di|diga|repite|repita|übersetze|übersetzen|dolmetsche|dolmetschen|antworte|' +
      'antworten|sprich|sprechen|sag|sage|wiederhole|gib|traduis|traduisez|traduire|interprète|interprétez|réponds|répondez|répondre|parle|' +
      'parlez|dis|dites|répète|répétez|translated|interpreted|rendered|responses?|replies|answers|translation',
  ),
);
const HEARING = pattern(
  words(
    'said|spoken|speaks|talk|talks|talking|written|heard|hear|sung|hears|told|asks|asked|dicho|hablado|diga|oigas|oyes|gesagt|gesprochen|hörst|spricht|dit|' +
      'entends|entendez|addressed|they speak|people speak|who speak|users? speaks?',
  ),
);
const ORDER_TO_SPEAK = pattern(
  `(?:^|[,;:—-]|${words('you|always|only|must|should|will|please|and|then|siempre|nur|immer|bitte|toujours')})\\s*` +
    `${words('speak|talk in|use|habla|hable|usa|sprich|verwende|parle|parlez|utilise')}${FILLER}$`,
);
const FOR_LISTENER_AFTER = pattern(
  `^[\\s-]*(?:${words('speaking')}\\s*)?${words(
    'listeners?|audience|speakers?|participants?|colleagues?|guests?|customers?|team|people|side|channel|room|oyentes|público|zuhörer|publikum|' +
      'auditeurs|public',
  )}`,
);
const LISTENER_BEFORE = pattern(
  `${words('audience|listeners?|público|oyentes|publikum|zuhörer|auditeurs|public')}[^,;:]{0,30}$`,
);
const SOURCE_AFTER = pattern(
  `^["'\`*_)\\s-]*(?:${words('is|are|was|se|wird|est')}\\s+)?${words(
    'spoken|speech|audio|speaker|speakers|voice|recording|input|original|habla|hablado|gesprochen|gehört|parlé|heard|comes in|source',
  )}`,
);

function agreed(rules: readonly Rule[]): string | undefined {
  const targets = new Set(rules.map(({ to }) => to));
  return targets.size === 1 ? rules[0]!.to : undefined;
}

function readRules(instructions: string): Rule[] {
  const rules: Rule[] = [];
  const speakers = new Map<string, string>();
  const open = new Set<string>();
  let columns: 'source first' | 'target first' | undefined;
  for (const sentence of instructions.split(/\n|[.!?…。？！](?=\s|$)|;/u)) {
    if (sentence.trim() === '') continue;
    const found = findLanguages(sentence);
    const both = bothWays(sentence, found);
    if (both !== undefined) {
      rules.push(...both);
      continue;
    }
    const table = /[|\t]|\s{3,}/u;
    if (found.length === 0) {
      const heading = headingOf(sentence);
      if (heading !== undefined) columns = heading;
    } else if (found.length === 2 && table.test(sentence.slice(found[0]!.end, found[1]!.start))) {
      const [left, right] = [found[0]!.language, found[1]!.language];
      rules.push(columns === 'target first' ? { from: right, to: left } : { from: left, to: right });
      continue;
    }
    noteSpeakers(sentence, found, speakers);
    const mentions = found.map(({ language, start, end }, i): Mention => {
      const before = sentence.slice(i === 0 ? 0 : found[i - 1]!.end, start);
      const role = roleOf(before, sentence.slice(0, start), sentence.slice(end), i > 0);
      return { language, role, used: false };
    });
    // "not in Spanish or German": what is joined to an avoided language is avoided.
    for (let i = 1; i < mentions.length; i++) {
      const joint = sentence.slice(found[i - 1]!.end, found[i]!.start);
      if (/^\s*(?:,|or|nor|and|o|ni|y|oder|noch|und|ou|et)\s*(?:in|en|auf|to|into)?\s*$/iu.test(joint)) {
        if (mentions[i - 1]!.role === 'avoided') mentions[i]!.role = 'avoided';
      }
    }
    rules.push(...rulesOf(mentions), ...rulesForSpeakers(sentence, speakers));
    for (const { language, role } of mentions) if (role === 'open') open.add(language);
  }
  if (rules.length > 0) return rules;
  const spoken = [...new Set(speakers.values())];
  if (spoken.length === 2) return mutual(spoken[0]!, spoken[1]!);
  return open.size === 1 ? [{ from: undefined, to: [...open][0]! }] : [];
}

function roleOf(before: string, allBefore: string, after: string, isLater: boolean): Role {
  if (
    NEGATION.test(before) &&
    !(isLater && TARGET_WORD.test(before) && !pattern(words('not|never')).test(before))
  )
    return 'avoided';
  if (ORDER_TO_SPEAK.test(before)) return 'target';
  if (LISTENER_BEFORE.test(before)) return 'target';
  if (pattern(`${words('for|para|für|pour')}${FILLER}$`).test(before) && FOR_LISTENER_AFTER.test(after))
    return 'target';
  if (TARGET_WORD.test(before))
    return HEARING.test(before) && pattern(words('listen')).test(before) ? 'source' : 'target';
  if (SOURCE_AFTER.test(after)) return 'source';
  if (IN.test(before)) {
    const saying = lastIndex(SAYING, allBefore);
    const hearing = lastIndex(HEARING, allBefore);
    return hearing > saying ? 'source' : 'target';
  }
  return SOURCE_WORD.test(before) ? 'source' : 'open';
}

function lastIndex(what: RegExp, text: string): number {
  let last = -1;
  for (const match of text.matchAll(new RegExp(what.source, 'giu'))) last = match.index;
  return last;
}

function rulesOf(mentions: readonly Mention[]): Rule[] {
  const rules: Rule[] = [];
  mentions.forEach((mention, i) => {
    if (mention.role !== 'target') return;
    const isSource = ({ role, used, language }: Mention): boolean =>
      (role === 'source' || role === 'open') && !used && language !== mention.language;
    const source =
      mentions.slice(0, i).findLast(isSource) ??
      mentions.slice(i + 1).find((later) => later.role === 'source' && isSource(later));
    if (source !== undefined) source.used = true;
    rules.push({ from: source?.language, to: mention.language });
  });
  return rules;
}

const mutual = (a: string, b: string): Rule[] => [
  { from: a, to: b },
  { from: b, to: a },
];

/** "Spanish <-> English", "between Spanish and English". */
function bothWays(sentence: string, found: ReturnType<typeof findLanguages>): Rule[] | undefined {
  const [first, second] = found;
  if (first === undefined || second === undefined || found.length !== 2) return undefined;
  const joint = sentence.slice(first.end, second.start);
  const arrow = /^[\s"'`*)(]*(?:↔|<->|<=>|⇄|⇔)[\s"'`*)(]*$/u.test(joint);
  const between = pattern(`${words('between|entre|zwischen')}${FILLER}$`).test(
    sentence.slice(0, first.start),
  );
  const and = pattern(`^${FILLER}${words('and|y|e|und|et')}${FILLER}$`).test(joint);
  return arrow || (between && and) ? mutual(first.language, second.language) : undefined;
}

/** "From | To", "Target  Source": which column of a list is which. */
function headingOf(line: string): 'source first' | 'target first' | undefined {
  const source = line.search(pattern(words('from|source|input|heard|spoken|de|origen|von|quelle')));
  const target = line.search(
    pattern(words('to|into|target|output|answer|spoken back|a|destino|nach|ziel|cible')),
  );
  if (source < 0 || target < 0 || !/[|\t]|\s{3,}/u.test(line)) return undefined;
  return source < target ? 'source first' : 'target first';
}

/** "Ana (speaks Spanish)", "Speaker B speaks Spanish", "B: Spanish": who speaks what, by the last word of the name. */
function noteSpeakers(
  sentence: string,
  found: ReturnType<typeof findLanguages>,
  speakers: Map<string, string>,
): void {
  found.forEach(({ language, start }, i) => {
    const before = sentence.slice(i === 0 ? 0 : found[i - 1]!.end, start);
    const named = pattern(
      `([\\p{L}\\p{N}]+)["'*]*\\s*[(,:]?\\s*(?:who\\s+)?${words('speaks|talks|habla|spricht|parle')}${FILLER}$`,
    ).exec(before);
    if (named !== null) speakers.set(named[1]!.toLowerCase(), language);
  });
}

/** "Translate B for A": into the language of a speaker who was introduced. */
function rulesForSpeakers(sentence: string, speakers: ReadonlyMap<string, string>): Rule[] {
  const rules: Rule[] = [];
  const listener = new RegExp(
    `${words('for|to|para|für|pour')}\\s+(?:${words('speaker|participant|user')}\\s+)?([\\p{L}\\p{N}]+)`,
    'giu',
  );
  for (const match of sentence.matchAll(listener)) {
    const to = speakers.get(match[1]!.toLowerCase());
    if (to === undefined) continue;
    const said = sentence.slice(0, match.index).split(/[^\p{L}\p{N}]+/u);
    const from = said
      .map((word) => speakers.get(word.toLowerCase()))
      .findLast((language) => language !== undefined && language !== to);
    rules.push({ from, to });
  }
  return rules;
}
