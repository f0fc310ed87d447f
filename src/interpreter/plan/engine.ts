/**
 * Which engine interprets a route, and why. The conversation engine follows instructions, turn by turn; the translate engine
 * is a continuous interpreter that takes none; the live engine does both, and is taken only where it is asked for. Pure.
 */
import { type LanguageTag, ownLanguageName } from '../../languages/languages.js';
import {
  type EngineName,
  ENGINES,
  type OutputLanguages,
  type PerEngine,
  speaksLanguage,
} from '../../realtime/engines.js';

/** What the host asks for: one of them, or whichever suits each route. */
export type EngineChoice = EngineName | 'auto';

/** What only an engine that follows instructions can be told. */
export type EngineNeed = 'glossary' | 'profile';

/** What a choice is made from. */
export type EngineQuestion = {
  readonly asked: EngineChoice;
  /** The route's target; undefined: what is said is only written down. */
  readonly to: LanguageTag | undefined;
  /** The route goes both ways. */
  readonly twoWay: boolean;
  /** Its translations are to cost little, and are read only. */
  readonly writesOnly: boolean;
  /** What the route is to be told beside its languages. */
  readonly needs: readonly EngineNeed[];
  /** Engines that do not work here at present, and why: `is not deployed (AZURE_…)`. */
  readonly unfit: ReadonlyMap<EngineName, string>;
  /** What each engine of the backend translates into; absent: what the engine of that name does elsewhere. */
  readonly outputLanguages?: PerEngine<OutputLanguages> | undefined;
};

/** What was chosen. `reason` is one line without personal texts. */
export type EngineDecision = {
  readonly engine: EngineName;
  readonly reason: string;
  /** What would have been taken, were it able to. Undefined: the choice is what was asked for, or either would have done. */
  readonly insteadOf: EngineName | undefined;
};

const OTHER: Readonly<Record<'conversation' | 'translate', 'conversation' | 'translate'>> = {
  conversation: 'translate',
  translate: 'conversation',
};

const SPOKEN_ELSEWHERE: PerEngine<OutputLanguages> = {
  conversation: ENGINES.conversation.outputLanguages,
  translate: ENGINES.translate.outputLanguages,
  live: ENGINES.live.outputLanguages,
};

const NEED_WORDS: Readonly<Record<EngineNeed, string>> = {
  glossary: 'the glossary has terms for it',
  profile: 'the speaker has a profile',
};

/**
 * The engine of a route. `auto` takes the translate engine where it speaks the target and nothing is asked for that takes
 * instructions. An engine that is unfit is replaced by the other, as far as that is able.
 */
export function chooseEngine(question: EngineQuestion): EngineDecision {
  const { asked, to, twoWay, writesOnly, needs, unfit: unfitFor } = question;
  const { outputLanguages = SPOKEN_ELSEWHERE } = question;
  const insteadOf = asked === 'translate' || asked === 'live' ? asked : undefined;
  const only = (reason: string): EngineDecision => ({ engine: 'conversation', reason, insteadOf });
  if (to === undefined) return { ...only('it only writes down'), insteadOf: undefined };
  if (twoWay) return only('one session goes both ways');
  const unfit = new Map(unfitFor);
  if (!speaksLanguage(outputLanguages.conversation, to))
    unfit.set('conversation', `does not speak ${ownLanguageName(to)}`);
  // The other engine bills its speech, and the speaker's silence, whether or not anybody listens.
  if (writesOnly && !unfit.has('conversation')) return only('translations are only written');
  if (asked === 'live') return liveOrOther(question, to, outputLanguages);
  if (!speaksLanguage(outputLanguages.translate, to))
    return only(`the translate engine does not speak ${ownLanguageName(to)}`);
  const wanted = wantedEngine(asked, to, needs);
  const why = unfit.get(wanted.engine);
  if (why === undefined || unfit.has(OTHER[wanted.engine])) return wanted;
  return {
    engine: OTHER[wanted.engine],
    reason: `the ${wanted.engine} engine ${why}`,
    insteadOf: wanted.engine,
  };
}

/** The live engine, or where it does not work what would be chosen without it. */
function liveOrOther(
  question: EngineQuestion,
  to: LanguageTag,
  outputLanguages: PerEngine<OutputLanguages>,
): EngineDecision {
  const why = speaksLanguage(outputLanguages.live, to)
    ? question.unfit.get('live')
    : `does not speak ${ownLanguageName(to)}`;
  const other = chooseEngine({ ...question, asked: 'auto' });
  if (why === undefined || question.unfit.has(other.engine))
    return { engine: 'live', reason: 'asked for', insteadOf: undefined };
  return { engine: other.engine, reason: `the live engine ${why}`, insteadOf: 'live' };
}

function wantedEngine(
  asked: Exclude<EngineChoice, 'live'>,
  to: LanguageTag,
  needs: readonly EngineNeed[],
): EngineDecision & { engine: 'conversation' | 'translate' } {
  const insteadOf = undefined;
  if (asked !== 'auto') return { engine: asked, reason: 'asked for', insteadOf };
  if (needs.length > 0) {
    const reason = needs.map((need) => NEED_WORDS[need]).join(', and ');
    return { engine: 'conversation', reason, insteadOf };
  }
  return {
    engine: 'translate',
    reason: `it speaks ${ownLanguageName(to)}, and needs no instructions`,
    insteadOf,
  };
}
