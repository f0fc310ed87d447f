import { isDeepStrictEqual } from 'node:util';
import type { BudgetPolicy, Spending } from '../cost/spending.js';
import type { Glossary } from '../interpreter/instructions/glossary.js';
import type { EngineChoice } from '../interpreter/plan/engine.js';
import type { LanguageTag } from '../languages/languages.js';
import type { MeetingCaptions } from './captions/meeting-captions.js';
import type {
  ChangeOutcome,
  MeetingChange,
  MeetingChangeField,
  MeetingChangeReport,
} from './meeting-change.js';
import type { MeetingCore } from './meeting-core.js';
import type { Room } from '../room/room.js';
import type { Topology } from './meeting-options.js';
import { CONVERSATION_ONLY, type EngineSettings } from './routes/route-engine.js';
import type { ChannelSettings } from './speaking/output-channels.js';

/** What changes are applied to. */
type MeetingChangesOptions = {
  core: Pick<MeetingCore, 'routes' | 'briefing' | 'channels' | 'styles'>;
  room: Pick<Room, 'capabilities'>;
  captions: MeetingCaptions;
  /** Undefined where nothing is billed. */
  spending: Spending | undefined;
  languages: readonly LanguageTag[];
  topology: Topology | undefined;
  engines: EngineSettings | undefined;
};

type Appliers = { readonly [Field in MeetingChangeField]: (value: MeetingChange[Field]) => ChangeOutcome };

/** Speeds that a session takes. */
const SPEEDS = { min: 0.25, max: 1.5 };

/** Applies changes to a running meeting, field by field: one that is refused keeps no other from being applied. */
export class MeetingChanges {
  readonly #options: MeetingChangesOptions;
  #languages: readonly LanguageTag[];
  #engines: EngineSettings;
  /** In the order in which fields of one change are applied: what follows from a budget is known before its limit. */
  readonly #appliers: Appliers;

  constructor(options: MeetingChangesOptions) {
    this.#options = options;
    this.#languages = options.languages;
    this.#engines = options.engines ?? CONVERSATION_ONLY;
    this.#appliers = {
      languages: (value = []) => this.#setLanguages(value),
      engine: (value) => this.#setEngine(value!),
      glossary: (value) => this.#setGlossary(value),
      voices: (mode) => this.#setVoices(mode!),
      voiceLanguages: (voiceLanguages) => this.#setChannels({ voiceLanguages }),
      voiceOf: (voiceOf) => this.#setVoiceOf(voiceOf!),
      speedOf: (speedOf) => this.#setSpeedOf(speedOf!),
      bargeIn: (bargeIn) => (this.#isShared ? SHARED_BARGE_IN : this.#setChannels({ bargeIn: bargeIn! })),
      bargeInMinMs: (bargeInMinMs) => this.#setDuration({ bargeInMinMs: bargeInMinMs! }),
      backchannelMaxMs: (backchannelMaxMs) => this.#setDuration({ backchannelMaxMs: backchannelMaxMs! }),
      maxBacklogMs: (maxBacklogMs) => this.#setDuration({ maxBacklogMs: maxBacklogMs! }),
      persistCaptions: (persistFinals) => this.#setPersistent(persistFinals!),
      chatCaptions: (chat) => this.#setChat(chat!),
      budgetPolicy: (policy) => this.#setBudgetPolicy(policy!),
      budgetUsd: (budgetUsd) => this.#setBudget(budgetUsd),
    };
  }

  /** The meeting's languages; empty: whatever people prefer. */
  get languages(): readonly LanguageTag[] {
    return this.#languages;
  }

  /** Applies what `change` names; nothing of it when the meeting is `leaving`. */
  apply(change: MeetingChange, leaving: boolean): MeetingChangeReport {
    const report: Partial<Record<MeetingChangeField, ChangeOutcome>> = {};
    for (const field of Object.keys(this.#appliers) as MeetingChangeField[]) {
      if (Object.hasOwn(change, field)) report[field] = leaving ? LEAVING : this.#applyField(field, change);
    }
    return report;
  }

  #applyField(field: MeetingChangeField, change: MeetingChange): ChangeOutcome {
    const apply = this.#appliers[field] as (value: MeetingChange[typeof field]) => ChangeOutcome;
    return apply(change[field]);
  }

  get #isShared(): boolean {
    return this.#options.topology === 'shared';
  }

  #setLanguages(languages: readonly LanguageTag[]): ChangeOutcome {
    if (isDeepStrictEqual(languages, this.#languages)) return 'unchanged';
    this.#languages = [...languages];
    return 'applied';
  }

  #setEngine(asked: EngineChoice): ChangeOutcome {
    if (asked === this.#engines.asked) return 'unchanged';
    if ((asked === 'translate' || asked === 'live') && this.#isShared)
      return { refused: 'one session for the whole room takes the conversation engine', code: 'one_session' };
    const why = asked === 'auto' ? undefined : this.#engines.missing.get(asked);
    if (why !== undefined) return { refused: `the ${asked} engine ${why}`, code: 'engine_missing' };
    this.#engines = { ...this.#engines, asked };
    this.#options.core.routes.configureEngines(this.#engines);
    return this.#changingOver() ?? 'applied';
  }

  #setGlossary(glossary: Glossary | undefined): ChangeOutcome {
    const { briefing, routes } = this.#options.core;
    if (isDeepStrictEqual(glossary, briefing.glossary)) return 'unchanged';
    briefing.setGlossary(glossary);
    const changing = this.#changingOver();
    if (changing !== undefined) return changing;
    const without = routes.all.filter(
      ({ isInstructed, spec }) => !isInstructed && briefing.needsOf(spec).length > 0,
    );
    if (without.length === 0) return 'applied';
    return {
      applied: `not for ${count(without.length, 'route')} of the translate engine, which takes no glossary`,
    };
  }

  #setVoices(mode: ChannelSettings['mode']): ChangeOutcome {
    if (this.#isShared)
      return { refused: 'one session for the whole room speaks by one output channel', code: 'one_session' };
    if (mode === 'per-language' && !this.#options.core.channels.canOpen)
      return { refused: 'no further output channels can join this meeting', code: 'no_more_voices' };
    return this.#setChannels({ mode });
  }

  #setVoiceOf(voiceOf: (to: LanguageTag) => string): ChangeOutcome {
    this.#options.core.styles.setVoiceOf(voiceOf);
    return this.#restyle('voice');
  }

  #setSpeedOf(speedOf: (to: LanguageTag) => number): ChangeOutcome {
    for (const { spec } of this.#options.core.routes.all) {
      const speed = spec.to === undefined ? SPEEDS.min : speedOf(spec.to);
      if (!(speed >= SPEEDS.min && speed <= SPEEDS.max))
        return {
          refused: `a speed is a number from ${SPEEDS.min} to ${SPEEDS.max}, not ${speed}`,
          code: 'out_of_range',
        };
    }
    this.#options.core.styles.setSpeedOf(speedOf);
    return this.#restyle('speed');
  }

  /** Has all sessions speak as is said now. */
  #restyle(what: 'voice' | 'speed'): ChangeOutcome {
    const { routes, channels } = this.#options.core;
    const without = routes.all.filter((route) => !route.restyle()).length;
    if (channels.writesOnly)
      return { applied: 'heard only when the budget allows: translations are captions only now' };
    if (without === 0) return 'applied';
    return { applied: `not for ${count(without, 'route')} of the translate engine, which takes no ${what}` };
  }

  #setChannels(change: Partial<ChannelSettings>): ChangeOutcome {
    const { channels } = this.#options.core;
    const settings = { ...channels.settings, ...change };
    if (isDeepStrictEqual(settings, channels.settings)) return 'unchanged';
    channels.configure(settings);
    return 'applied';
  }

  #setDuration(
    change: { bargeInMinMs: number } | { backchannelMaxMs: number } | { maxBacklogMs: number },
  ): ChangeOutcome {
    const [durationMs] = Object.values(change);
    if (durationMs === undefined || !Number.isFinite(durationMs) || durationMs < 0)
      return {
        refused: `a number of milliseconds is 0 or more, not ${durationMs ?? 'undefined'}`,
        code: 'out_of_range',
      };
    return this.#setChannels(change);
  }

  #setPersistent(persistFinals: boolean): ChangeOutcome {
    if (persistFinals && !this.#options.room.capabilities.keptData)
      return { refused: 'this meeting keeps no messages', code: 'keeps_no_messages' };
    return this.#setCaptions({ persistFinals });
  }

  #setChat(chat: boolean): ChangeOutcome {
    if (chat && !this.#options.room.capabilities.directedData)
      return {
        refused: 'a message of the chat reaches everybody here, whatever they read',
        code: 'chat_for_all',
      };
    return this.#setCaptions({ chat });
  }

  #setCaptions(change: Partial<MeetingCaptions['settings']>): ChangeOutcome {
    const { captions } = this.#options;
    const settings = { ...captions.settings, ...change };
    if (isDeepStrictEqual(settings, captions.settings)) return 'unchanged';
    captions.configure(settings);
    return 'applied';
  }

  #setBudgetPolicy(policy: BudgetPolicy): ChangeOutcome {
    const { spending } = this.#options;
    if (spending === undefined) return NOT_BILLED;
    if (policy === spending.policy) return 'unchanged';
    spending.setPolicy(policy);
    return this.#spentNow() ?? 'applied';
  }

  #setBudget(budgetUsd: number | undefined): ChangeOutcome {
    const { spending } = this.#options;
    if (spending === undefined) return NOT_BILLED;
    if (budgetUsd !== undefined && !(budgetUsd > 0))
      return { refused: `a budget is a number of dollars above 0, not ${budgetUsd}`, code: 'out_of_range' };
    if (budgetUsd === spending.meter.budgetUsd) return 'unchanged';
    spending.meter.setBudget(budgetUsd);
    return this.#spentNow() ?? 'applied';
  }

  /** What follows at once from a budget that is spent. */
  #spentNow(): ChangeOutcome | undefined {
    const { spending } = this.#options;
    if (spending?.meter.budgetState !== 'spent') return undefined;
    const next = spending.policy === 'stop' ? 'the meeting is left' : 'translations are captions only';
    return { applied: `the budget is spent already: ${next}` };
  }

  /** Routes that another engine is to take over. */
  #changingOver(): ChangeOutcome | undefined {
    const changing = this.#options.core.routes.all.filter(({ outdated }) => outdated).length;
    if (changing === 0) return undefined;
    const verb = changing === 1 ? 'changes' : 'change';
    return { applied: `${count(changing, 'route')} ${verb} over in the next pause of who speaks` };
  }
}

const LEAVING: ChangeOutcome = { refused: 'the meeting is being left', code: 'leaving' };
const NOT_BILLED: ChangeOutcome = { refused: 'nothing is billed in this meeting', code: 'not_billed' };
const SHARED_BARGE_IN: ChangeOutcome = {
  refused: 'anybody silences one session for the whole room',
  code: 'one_session',
};

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
