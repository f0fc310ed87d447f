import { messageOf, ParleyError } from '../../errors.js';
import { type LanguageTag, parseLanguage } from '../../languages/languages.js';
import type { MeetingPerson } from '../../meeting/meeting-events.js';
import type { MeetingContext, MeetingPart, MeetingPlan, SaidSpeech } from '../../meeting/meeting-part.js';
import type { Metric } from '../../metrics.js';
import type { DataMessage, Participant } from '../../room/room.js';
import { shortened } from '../../text.js';
import type { AgentExtension } from '../built-in/agent-meeting.js';
import { agreesToAgent } from '../consent.js';
import type { ApprovalRequest } from '../tools/tool-calls.js';
import { Addressing } from './addressing.js';
import { AnswerInterpreter } from './agent-answers.js';
import { AgentAsks, aboutAsk, AskCounters } from './agent-asks.js';
import { AgentConversation } from './agent-conversation.js';
import type { AgentAnswer, AgentOptions, AgentSettings } from './agent-options.js';
import { AgentPeople } from './agent-people.js';
import { AgentTools } from './agent-tools.js';
import { Approvals } from './approvals.js';
import { newsOfCall, newsOfDecision, newsOfRecord, newsOfRequest, questionOf } from './call-news.js';
import { ASK_TOPICS, AskPace, writtenAsk } from './meeting-asks.js';
import { seenMeeting } from './seen-meeting.js';
import { Silence } from './silence.js';
import { SpokenSegments } from './spoken-segments.js';
import { MAX_TOLD_CHARS, ToldMessages } from './told-messages.js';

const MAX_ASK_CHARS = 4_000;
/** Heard of what is around a turn: soft beginnings and ends are noticed late. */
const AROUND_MS = 300;

/** How a host's program asks. */
export type AskBy = {
  /** The participant who asks; absent: the host, from outside. */
  readonly from?: string;
  /** What it is answered in; by default what that participant speaks. */
  readonly language?: LanguageTag;
};

/** What an agent is made with while it is in a meeting. */
type Attached = {
  readonly meeting: MeetingContext;
  readonly silence: Silence;
  readonly pace: AskPace;
  readonly addressing: Addressing;
  readonly conversation: AgentConversation;
  readonly asks: AgentAsks;
  readonly answers: AnswerInterpreter;
  readonly people: AgentPeople;
  readonly extensions: readonly AgentExtension[];
};

/**
 * The agent of one meeting: it reads what is said by those who agree, is called by its name, in the chat, by message or by a program,
 * answers in the asker's language by a session of its own, and has the answer interpreted for everybody else.
 */
export class MeetingAgent implements MeetingPart {
  readonly name = 'agent';
  readonly #options: AgentOptions;
  readonly #tools = new AgentTools();
  readonly #segments = new SpokenSegments();
  readonly #told: ToldMessages;
  readonly #counters = new AskCounters();
  readonly #approvals = new Approvals({
    asked: (request) => {
      this.#askForApproval(request);
    },
    decided: (request, what, by) => {
      this.#here().meeting.tell({ tool: newsOfDecision(request, what, by) });
    },
  });
  #settings: AgentSettings;
  #attached: Attached | undefined;
  #begun = false;
  #leaving = false;
  #onLeave: (reason: string) => void = () => undefined;

  /** @throws ParleyError `config` for tools that cannot be added */
  constructor(options: AgentOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#tools.add(options.tools ?? []);
    this.#told = new ToldMessages(options.told);
  }

  get settings(): AgentSettings {
    return this.#settings;
  }

  /** Calls that wait for somebody's word, oldest first. */
  get waitingCalls(): readonly ApprovalRequest[] {
    return this.#approvals.waiting;
  }

  /** Calls `listener` when the agent is asked to leave the meeting. */
  onLeave(listener: (reason: string) => void): void {
    this.#onLeave = listener;
  }

  /** Other settings from now on. Switched off or silent, it stops speaking. */
  configure(settings: AgentSettings): void {
    const { mode } = this.#settings;
    this.#settings = settings;
    if (settings.mode === mode) return;
    this.#attached?.addressing.reset();
    this.#begin();
    if (settings.mode === 'off' || settings.mode === 'silent') this.#attached?.conversation.hush();
  }

  /** Whether what this participant says is for the agent: it is written down then, whether or not it is interpreted. */
  readonly follows = (participantId: string): boolean =>
    this.#settings.mode !== 'off' && this.#attached?.people.agrees(participantId) !== false;

  /**
   * Asks the agent, as a host's program does. Resolves with its answer when that is over. Rejects with ParleyError `usage` for a text
   * that is empty or too long, a participant who is not here, or a language that is none; `service_unavailable` where there is no answer.
   */
  async ask(text: string, { from, language }: AskBy = {}): Promise<AgentAnswer> {
    const { meeting } = this.#here();
    const request = text.trim();
    if (request === '' || request.length > MAX_ASK_CHARS)
      throw new ParleyError(
        'usage',
        `a question has 1 to ${MAX_ASK_CHARS} characters, not ${request.length}`,
      );
    if (from !== undefined && meeting.personOf(from) === undefined)
      throw new ParleyError('usage', 'whoever is to ask is not in the meeting');
    const tag = language === undefined ? undefined : parseLanguage(language);
    if (language !== undefined && tag === undefined)
      throw new ParleyError('usage', `${shortened(language, 40)} is no language: give a tag such as es`);
    if (this.#settings.mode === 'off') throw new ParleyError('usage', 'the agent is off in this meeting');
    return this.#here().asks.ask({
      ...{ askedBy: from, text: request, how: 'api', mayPass: false },
      language: tag ?? this.#here().people.languageOf(from),
    });
  }

  /**
   * Tells it something without asking: it knows that at every question from now on. Returns all that it was told, oldest first, as far
   * as it is kept: the newest 20 lines of 400 characters. Throws ParleyError `usage` for a text that is empty or too long.
   */
  inform(text: string): readonly string[] {
    const message = text.trim();
    if (message === '' || message.length > MAX_TOLD_CHARS)
      throw new ParleyError(
        'usage',
        `a message has 1 to ${MAX_TOLD_CHARS} characters, not ${message.length}`,
      );
    this.#told.add(message);
    return this.#told.all;
  }

  /**
   * A host's word about a call that waits for it, and whose it is. With `remember` a yes goes for this tool whenever the same person asks
   * for it, in their own words. Returns false where the call does not wait, or not any more.
   */
  approve(callId: string, yes: boolean, by = 'host', remember = false): boolean {
    return this.#approvals.approve(callId, yes, by, remember);
  }

  /** A host's program has it fall silent, and leave open questions alone for a while. */
  hush(): void {
    const { meeting, addressing, conversation } = this.#here();
    if (this.#settings.mode === 'off') return;
    addressing.hush();
    conversation.hush();
    meeting.tell({ agent: { what: 'hushed' } });
  }

  attach(meeting: MeetingContext): void {
    const { clock } = meeting;
    const silence = new Silence(clock);
    const conversation = this.#newConversation(meeting, silence);
    const addressing = new Addressing({
      ...{ clock, silence },
      settings: () => this.#settings,
      isSpeaking: () => conversation.isSpeaking,
      handlers: {
        asked: ({ speakerId, sound, ...asked }) => {
          const askedBy = meeting.personOf(speakerId)?.id;
          this.#here().asks.askAside({
            ...asked,
            askedBy,
            language: this.#here().people.languageOf(askedBy),
            sound: sound?.(),
          });
        },
        called: (speakerId) => {
          conversation.prepare(this.#here().people.languageOf(speakerId));
        },
        hushed: (speakerId) => {
          conversation.hush();
          meeting.tell({ agent: { what: 'hushed', askedBy: speakerId } });
        },
      },
    });
    const answers = new AnswerInterpreter(meeting, (why) => {
      meeting.notice({
        kind: 'agent',
        message: `an answer of the agent was not interpreted for everybody: ${why}`,
      });
    });
    meeting.events.on('speaking', ({ participantId, speaking }) => {
      silence.heard(participantId, speaking);
    });
    const people = new AgentPeople(meeting, () => this.#settings, this.#segments);
    const seen = seenMeeting({
      ...{ meetingId: this.#options.meetingId, meeting, people, segments: this.#segments, answers, silence },
      name: () => this.#settings.wakeName,
      leave: (reason) => {
        this.#onLeave(reason);
      },
    });
    const extensions = (this.#options.extensions ?? []).map((make) => make(seen));
    const asks = new AgentAsks({
      ...{
        meeting,
        conversation,
        people,
        addressing,
        extensions,
        segments: this.#segments,
        counters: this.#counters,
        told: this.#told,
      },
      settings: () => this.#settings,
      isLeaving: () => this.#leaving,
    });
    this.#attached = {
      meeting,
      silence,
      pace: new AskPace(clock),
      addressing,
      conversation,
      asks,
      answers,
      people,
      extensions,
    };
    this.#tools.add(extensions.flatMap(({ tools = [] }) => tools));
    this.#begin();
  }

  /** Once it is switched on for the first time, it listens to what is written to it, and its servers are connected to. */
  #begin(): void {
    if (this.#attached === undefined || this.#settings.mode === 'off' || this.#begun) return;
    this.#begun = true;
    const { meeting } = this.#attached;
    const { clock, room } = meeting;
    for (const topic of ASK_TOPICS) {
      room.subscribe(topic, (message) => {
        this.#written(message);
      });
    }
    const { settingsTools = [], mcpServers = [], openMcp } = this.#options;
    this.#tools.offer(settingsTools, (problem) => {
      // Later, when somebody listens.
      clock.setTimer(() => {
        meeting.notice({ kind: 'agent', message: `a tool of the settings is not there: ${problem}` });
      }, 0);
    });
    if (openMcp === undefined) return;
    this.#tools.connect(mcpServers, openMcp, clock, (name, problem) => {
      meeting.notice({ kind: 'agent', message: `the tools of ${name} are not there: ${problem}` });
    });
  }

  planned(plan: MeetingPlan): void {
    this.#attached?.answers.planned(plan);
  }

  /** Whoever does not agree, or not any more, is not read: what they said is forgotten. */
  updated({ id, metadata }: Participant): void {
    if (!agreesToAgent(metadata)) this.#segments.forget(id);
  }

  /** The host's word counts as theirs. */
  changed({ id, agent }: MeetingPerson): void {
    if (agent === false) this.#segments.forget(id);
  }

  left({ id }: MeetingPerson): void {
    this.#attached?.addressing.left(id);
  }

  said(said: SaidSpeech): void {
    const attached = this.#attached;
    if (attached === undefined || this.#settings.mode === 'off' || this.#leaving) return;
    if (!attached.people.mayRead(said)) return;
    const { speakerId, turnId, text, language, startMs, endMs, isMixed = false } = said;
    const { meeting, addressing, extensions } = attached;
    const person = meeting.personOf(speakerId);
    const reported = language === undefined ? undefined : parseLanguage(language);
    const [only, ...others] = person?.speaks ?? [];
    const known = reported ?? (others.length === 0 ? only : undefined);
    const segment = this.#segments.add({
      ...{ turnId, speakerId, text, language: known },
      speakerName: person?.name ?? 'Somebody',
      atMs: Math.round(meeting.toMeetingMs(meeting.clock.nowMs())),
    });
    for (const extension of extensions) extension.said?.(segment);
    // Where others may have said it, it is nobody's yes.
    if (!isMixed && this.#approvals.heard(speakerId, text)) return;
    addressing.heard({
      ...{ speakerId, text, isMixed, languages: known === undefined ? (person?.speaks ?? []) : [known] },
      sound: () => meeting.soundOf(speakerId, { startMs: startMs - AROUND_MS, endMs: endMs + AROUND_MS }),
    });
  }

  dropped(turnId: string): void {
    this.#segments.drop(turnId);
  }

  closing(): void {
    this.#leaving = true;
    this.#attached?.addressing.reset();
  }

  async closed(): Promise<void> {
    this.#leaving = true;
    const { conversation, silence, extensions, answers } = this.#attached ?? {};
    silence?.close();
    answers?.close();
    await Promise.all([
      conversation?.close(),
      this.#tools.close(),
      ...(extensions ?? []).map((each) => each.closed?.()),
    ]);
  }

  metrics(): readonly Metric[] {
    return this.#counters.metrics();
  }

  #newConversation(meeting: MeetingContext, silence: Silence): AgentConversation {
    const { clock, room, speech } = meeting;
    return new AgentConversation({
      ...{ clock, speech, silence, speakerId: room.participantId },
      voice: () => this.#settings.voice,
      isHost: (id) => this.#here().people.isHost(id),
      handlers: {
        opened: () => {
          meeting.tell({ agent: { what: 'opened' } });
        },
        closed: () => {
          meeting.tell({ agent: { what: 'closed' } });
        },
        answering: (ask, firstAudioMs) => {
          meeting.tell({
            agent: { what: 'answering', ...aboutAsk(ask), firstAudioMs: Math.round(firstAudioMs) },
          });
        },
        said: (ask, text) => {
          this.#here().asks.answered(ask, text);
        },
        released: (ask, text, quiet) => {
          const silent = this.#settings.mode === 'silent';
          void this.#attached?.answers.tell(text, ask.language, silent ? AbortSignal.abort() : quiet);
        },
        called: (call, askedBy) => {
          meeting.tell({ tool: newsOfCall(call, this.#tools.registry.find(call.name), askedBy) });
        },
      },
      runner: {
        ...{ registry: this.#tools.registry, meetingId: this.#options.meetingId },
        askApproval: (request) => this.#approvals.ask(request),
        isRemembered: (toolName, askedBy) => this.#approvals.remembers(toolName, askedBy),
        onCall: (record) => {
          meeting.tell({ tool: newsOfRecord(record) });
        },
      },
    });
  }

  #written(message: DataMessage): void {
    const { meeting, pace } = this.#here();
    if (this.#settings.mode === 'off' || this.#leaving) return;
    const person = meeting.personOf(message.senderId);
    if (person?.isBot !== false) return;
    const written = writtenAsk(message, this.#settings.wakeName);
    if (written === undefined) {
      this.#approvals.heard(person.id, message.text);
      return;
    }
    if (!pace.allows(person.id)) {
      this.#counters.refused++;
      meeting.tell({ agent: { what: 'refused', askedBy: person.id, how: written.how } });
      return;
    }
    const { text, how, language = this.#here().people.languageOf(person.id) } = written;
    this.#here().asks.askAside({ text, how, language, askedBy: person.id, mayPass: false });
  }

  /** Hosts see what is asked; whoever asked for the call is asked by name, aloud. */
  #askForApproval(request: ApprovalRequest): void {
    const { meeting, silence } = this.#here();
    meeting.tell({
      tool: newsOfRequest(request),
    });
    const person = request.askedBy === undefined ? undefined : meeting.personOf(request.askedBy);
    if (person === undefined || this.#settings.mode === 'silent') return;
    const question = questionOf(person.name, request);
    silence.wait(0, () => {
      if (request.signal.aborted) return;
      meeting.say(question, [this.#here().people.languageOf(person.id)]).catch((error: unknown) => {
        meeting.notice({ kind: 'agent', message: `nobody was asked about a call: ${messageOf(error)}` });
      });
    });
  }

  #here(): Attached {
    if (this.#attached === undefined) throw new ParleyError('usage', 'the agent is in no meeting');
    return this.#attached;
  }
}
