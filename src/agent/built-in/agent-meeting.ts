/** The meeting as the agent's own tools see it, and what they add to the agent. */
import type { Clock } from '../../clock.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { MeetingPerson } from '../../meeting/meeting-events.js';
import type { Participant } from '../../room/room.js';
import type { NoteNews } from '../notes/note.js';
import type { AgentTool } from '../tools/tool.js';

/** What one person said in one turn, as it was transcribed at last. Texts and names are untrusted. */
export type SaidSegment = {
  /** Names it in this meeting; captions and the record know the turn by it too. */
  readonly turnId: string;
  /** The agent's own answers have its id in the meeting. */
  readonly speakerId: string;
  readonly speakerName: string;
  readonly text: string;
  /** Undefined where it is not known. */
  readonly language: LanguageTag | undefined;
  /** Milliseconds since the interpreter joined. */
  readonly atMs: number;
};

/** What somebody asks of the agent. Texts are untrusted. */
export type AgentAsk = {
  /** Unique in this meeting. */
  readonly askId: string;
  /** The participant who asks; undefined where a host asks from outside. */
  readonly askedBy: string | undefined;
  readonly askedByName: string;
  readonly text: string;
  /** What it is answered in. */
  readonly language: LanguageTag;
  readonly how: 'voice' | 'chat' | 'message' | 'api' | 'open_question';
};

/** The meeting as tools see it. */
export interface AgentMeeting {
  readonly meetingId: string;
  readonly clock: Clock;
  /** How the agent is called. */
  readonly name: string;
  /** Our own id in the meeting. */
  readonly participantId: string;
  /** Who is here, interpreters not counted. */
  people(): readonly MeetingPerson[];
  personOf(participantId: string): MeetingPerson | undefined;
  /** With what they say of themselves, `metadata`, which is untrusted: consent, profile ids. */
  participantOf(participantId: string): Participant | undefined;
  isHost(participantId: string): boolean;
  /**
   * What was said until now by those whose words are for the agent, and what the agent said, oldest first: the last 2,000
   * segments.
   */
  segments(): readonly SaidSegment[];
  /** What somebody speaks, as far as it is known: the language that they are answered in. */
  languageOf(participantId: string | undefined): LanguageTag;
  /** Says a text to everyone, in each of their languages, by voice and in captions, when nobody speaks. Never rejects. */
  say(text: string): Promise<void>;
  /** Tells whoever follows the meeting what becomes of a note: its record, and the console. */
  note(news: NoteNews): void;
  /** Leaves the meeting, once what is being said is over. */
  leave(reason: string): void;
}

/** What the model is told before it answers, under a title of ours. Lines are untrusted: they are quoted, and bounded. */
export type KnowledgeBlock = { readonly title: string; readonly lines: readonly string[] };

/** What something adds to the agent of one meeting. */
export type AgentExtension = {
  readonly tools?: readonly AgentTool[];
  /**
   * What the model is to know before it answers. Given 300 ms; what comes later, or rejects, is left out of this answer and counted.
   */
  knowledgeFor?(
    ask: AgentAsk,
    signal: AbortSignal,
  ): readonly KnowledgeBlock[] | Promise<readonly KnowledgeBlock[]>;
  /** Segments as they are said: what {@link AgentMeeting.segments} has one more of. */
  said?(segment: SaidSegment): void;
  /** The meeting was left. */
  closed?(): void | Promise<void>;
};

/** Made once for each meeting that has an agent. */
export type MakeAgentExtension = (meeting: AgentMeeting) => AgentExtension;
