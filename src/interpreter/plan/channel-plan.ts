import { compareText } from '../../text.js';
import { type LanguageTag, ownLanguageName, sameLanguage } from '../../languages/languages.js';

/**
 * `one`: one voice, which everybody hears. `per-language`: a published participant for each language. `auto`: a voice per
 * language where everybody's app plays one of them only, one voice otherwise.
 */
export type ChannelsMode = 'auto' | 'one' | 'per-language';

/** Languages that one voice speaks at most, unless they are named: each is one more that its listeners must sit through. */
const LANGUAGES_OF_ONE_VOICE = 2;
/** Published voices at most. */
export const MAX_CHANNELS = 12;

/** A language that translations are needed in, and how many people need it. */
export type ChannelNeed = { readonly to: LanguageTag; readonly listenerCount: number };

/** What a plan is made from. */
export type ChannelPlanInput = {
  readonly mode: ChannelsMode;
  /** Of the one voice; absent: the two most needed. */
  readonly voiceLanguages: readonly LanguageTag[] | undefined;
  /** Voices beside the first can be published: there are tokens for them. */
  readonly canPublish: boolean;
  readonly needs: readonly ChannelNeed[];
  /** People whose app does not say that it plays one channel: names for showing. */
  readonly withoutChannels: readonly string[];
  /** Languages whose voice could not join a moment ago. */
  readonly failed: readonly LanguageTag[];
  /** What is spoken at present: what is needed as much as another stays. */
  readonly spoken: readonly LanguageTag[];
};

/** How to speak. Languages are sorted; `why` says in one line why `unspoken` are read only, and is there whenever they are. */
export type ChannelPlan = {
  readonly kind: 'one' | 'per_language';
  readonly spoken: readonly LanguageTag[];
  readonly unspoken: readonly LanguageTag[];
  readonly why?: string;
};

/**
 * Who is here and what is needed → how the interpreter speaks: with one voice for all, or with one for each language. Pure.
 */
export function planChannels(input: ChannelPlanInput): ChannelPlan {
  const obstacle = obstacleOf(input);
  return obstacle === undefined ? perLanguage(input) : oneVoice(input, obstacle);
}

/** Why there is one voice; undefined where every language has its own. */
function obstacleOf(input: ChannelPlanInput): string | undefined {
  const { mode, canPublish, withoutChannels, failed } = input;
  if (mode === 'one') return 'there is one shared voice';
  if (!canPublish) return 'there is one shared voice, since this token cannot make others';
  if (mode === 'per-language') return undefined;
  const [first, ...others] = withoutChannels;
  if (first !== undefined) {
    const whose = others.length === 0 ? `${first}’s app does` : `${others.length + 1} participants’ apps do`;
    return `there is one shared voice, since ${whose} not declare per-language playback (metaData.parley.channels)`;
  }
  if (failed.length > 0)
    return `there is one shared voice, since the voice of ${namesOf(failed)} could not join`;
  return undefined;
}

function perLanguage({ needs, spoken, failed }: ChannelPlanInput): ChannelPlan {
  const sorted = byNeed(needs, spoken);
  const able = sorted.filter(({ to }) => !failed.some((tag) => sameLanguage(tag, to)));
  const chosen = able.slice(0, MAX_CHANNELS);
  const why =
    able.length > chosen.length
      ? `there are ${MAX_CHANNELS} voices at most`
      : `the voice of ${namesOf(failed)} could not join`;
  return planOf('per_language', sorted, chosen, why);
}

function oneVoice({ needs, spoken, voiceLanguages }: ChannelPlanInput, obstacle: string): ChannelPlan {
  const sorted = byNeed(needs, spoken);
  const chosen =
    voiceLanguages === undefined
      ? sorted.slice(0, LANGUAGES_OF_ONE_VOICE)
      : sorted.filter(({ to }) => voiceLanguages.some((tag) => sameLanguage(tag, to)));
  const named = voiceLanguages === undefined ? 'the two most needed languages' : namesOf(voiceLanguages);
  return planOf('one', sorted, chosen, `${obstacle}, and it speaks ${named}`);
}

function planOf(
  kind: ChannelPlan['kind'],
  needs: readonly ChannelNeed[],
  chosen: readonly ChannelNeed[],
  why: string,
): ChannelPlan {
  const tags = (list: readonly ChannelNeed[]): LanguageTag[] => list.map(({ to }) => to).sort(compareText);
  const unspoken = tags(needs.filter((need) => !chosen.includes(need)));
  return { kind, spoken: tags(chosen), unspoken, ...(unspoken.length === 0 ? {} : { why }) };
}

/** The most needed first; of equals those that are spoken already, then by tag. */
function byNeed(needs: readonly ChannelNeed[], spoken: readonly LanguageTag[]): ChannelNeed[] {
  const isSpoken = ({ to }: ChannelNeed): number => (spoken.some((tag) => sameLanguage(tag, to)) ? 1 : 0);
  return [...needs].sort(
    (a, b) => b.listenerCount - a.listenerCount || isSpoken(b) - isSpoken(a) || compareText(a.to, b.to),
  );
}

function namesOf(tags: readonly LanguageTag[]): string {
  return tags.map((tag) => ownLanguageName(tag)).join(' and ');
}
