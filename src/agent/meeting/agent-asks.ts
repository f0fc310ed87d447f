import { displayName } from '../../captions/caption.js';
import { messageOf, ParleyError } from '../../errors.js';
import { noAnswerNotice } from '../../interpreter/notices/language-notices.js';
import type { MeetingContext } from '../../meeting/meeting-part.js';
import { counter, type Metric } from '../../metrics.js';
import type { AgentAsk, AgentExtension, KnowledgeBlock, SaidSegment } from '../built-in/agent-meeting.js';
import type { Addressing } from './addressing.js';
import type { AgentConversation } from './agent-conversation.js';
import { agentInstructions } from './agent-instructions.js';
import type { AgentAnswer, AgentSettings } from './agent-options.js';
import type { AgentPeople } from './agent-people.js';
import { knownBefore } from './known-before.js';
import type { SpokenSegments } from './spoken-segments.js';
import type { ToldMessages } from './told-messages.js';

/** Segments that the model is told of. */
const TOLD_SEGMENTS = 20;

/** What the agent is asked, before it has a number. */
export type NewAsk = Omit<AgentAsk, 'askId' | 'askedByName'> & {
  /** It may turn out not to be meant for the agent. */
  readonly mayPass: boolean;
  /** The asker's turn as it was heard: 24 kHz mono PCM16. */
  readonly sound?: Int16Array | undefined;
  /** Others may have said it. */
  readonly isMixed?: boolean | undefined;
};

type AgentAsksOptions = {
  readonly meeting: MeetingContext;
  readonly conversation: AgentConversation;
  readonly people: AgentPeople;
  readonly segments: SpokenSegments;
  readonly told: ToldMessages;
  readonly addressing: Addressing;
  readonly extensions: readonly AgentExtension[];
  readonly settings: () => AgentSettings;
  /** The meeting is being left. */
  readonly isLeaving: () => boolean;
  readonly counters: AskCounters;
};

/** How asks went, over the whole life of an agent. */
export class AskCounters {
  asks = 0;
  answers = 0;
  passed = 0;
  failed = 0;
  refused = 0;
  lateKnowledge = 0;

  metrics(): readonly Metric[] {
    return [
      counter('agent_asks', 'Questions that the agent was asked.', this.asks),
      counter('agent_answers', 'Answers that the agent gave.', this.answers),
      counter('agent_passed', 'Questions that turned out not to be meant for the agent.', this.passed),
      counter('agent_failed', 'Questions that the agent could not answer.', this.failed),
      counter('agent_refused', 'Questions of people who ask too often.', this.refused),
      counter(
        'agent_late_knowledge',
        'How often what is known came too late for an answer.',
        this.lateKnowledge,
      ),
    ];
  }
}

/** One ask from beginning to end: what is known before it, what the model is told, and what becomes of its answer. */
export class AgentAsks {
  readonly #options: AgentAsksOptions;

  constructor(options: AgentAsksOptions) {
    this.#options = options;
  }

  /** Asks on behalf of whoever does not wait for it: where there is no answer, that is a notice. */
  askAside(ask: NewAsk): void {
    this.ask(ask).catch((error: unknown) => {
      this.#options.meeting.notice({ kind: 'agent', message: messageOf(error) });
    });
  }

  /** Resolves with the answer when that is over. Rejects with ParleyError `service_unavailable` where there is none. */
  async ask({ mayPass, sound, isMixed = false, ...asked }: NewAsk): Promise<AgentAnswer> {
    const { meeting, conversation, settings, counters, extensions, isLeaving } = this.#options;
    if (isLeaving()) throw new ParleyError('service_unavailable', 'the meeting is being left');
    const name = asked.askedBy === undefined ? undefined : meeting.personOf(asked.askedBy)?.name;
    const askedByName = name ?? (asked.how === 'api' ? 'The host' : 'Somebody');
    const ask: AgentAsk = { ...asked, askedByName, askId: `ask-${++counters.asks}` };
    meeting.tell({ agent: { what: 'asked', ...aboutAsk(ask), text: ask.text } });
    conversation.prepare(ask.language);
    try {
      const { blocks: knowledge, late } = await knownBefore(ask, extensions, meeting.clock);
      counters.lateKnowledge += late;
      const answer = await conversation.ask(ask, {
        ...this.#instructionsFor(ask, knowledge),
        ...{ mayPass, sound, isMixed },
        written: settings().mode === 'silent',
      });
      const { outcome, text } = answer;
      if (outcome === 'passed') counters.passed++;
      else counters.answers++;
      const said = outcome === 'passed' ? {} : { text };
      meeting.tell({
        agent: {
          ...{ what: outcome === 'passed' ? 'passed' : 'answered', ...aboutAsk(ask), ...said },
          ...(outcome === 'cut' ? { cut: true } : {}),
        },
      });
      return answer;
    } catch (error) {
      counters.failed++;
      meeting.tell({ agent: { what: 'failed', ...aboutAsk(ask), text: messageOf(error) } });
      const person = ask.askedBy === undefined || mayPass ? undefined : meeting.personOf(ask.askedBy);
      if (person !== undefined && !isLeaving())
        meeting.notify(person, noAnswerNotice(displayName(settings().wakeName), ask.language));
      throw error;
    }
  }

  /** What the agent answers is written down, and shown in the language that it is in. */
  answered({ language, askedBy, askId }: AgentAsk, text: string): void {
    const { meeting, segments, settings, addressing, extensions } = this.#options;
    meeting.speech.announced(text, language);
    addressing.answered(askedBy, text);
    const segment: SaidSegment = segments.add({
      ...{ turnId: askId, speakerId: meeting.room.participantId, speakerName: settings().wakeName },
      ...{ text, language, atMs: Math.round(meeting.toMeetingMs(meeting.clock.nowMs())) },
    });
    for (const extension of extensions) extension.said?.(segment);
  }

  /** What its model is told: all of it, and its rules alone. */
  #instructionsFor(
    { language }: AgentAsk,
    knowledge: readonly KnowledgeBlock[],
  ): { readonly instructions: string; readonly rules: string } {
    const { meeting, people, segments, told, settings } = this.#options;
    const { wakeName: name, instructions: hostInstructions } = settings();
    const own = { name, hostInstructions, language };
    const instructions = agentInstructions({
      ...{ ...own, knowledge: [...told.blocks, ...knowledge], segments: segments.last(TOLD_SEGMENTS) },
      people: meeting.people().map((person) => ({ name: person.name, isHost: people.isHost(person.id) })),
    });
    return { instructions, rules: agentInstructions({ ...own, people: [], segments: [], knowledge: [] }) };
  }
}

/** What events tell of an ask. */
export function aboutAsk({ askId, askedBy, how, language }: AgentAsk) {
  return { askId, how, language, ...(askedBy === undefined ? {} : { askedBy }) };
}
