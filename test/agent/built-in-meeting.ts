/** A meeting as the agent's own tools see it, of people and words that a test gives. A stand-in: nothing is said or left. */
import type { AgentExtension, AgentMeeting, SaidSegment } from '../../src/agent/built-in/agent-meeting.js';
import type { NoteNews } from '../../src/agent/notes/note.js';
import { VirtualClock } from '../../src/clock.js';
import type { MeetingPerson } from '../../src/meeting/meeting-events.js';
import type { Participant } from '../../src/room/room.js';

export class BuiltInMeeting implements AgentMeeting {
  readonly meetingId = 'm-1';
  readonly clock = new VirtualClock();
  readonly name = 'Parley';
  readonly participantId = 'parley';
  readonly told: NoteNews[] = [];
  readonly #people = new Map<string, { person: MeetingPerson; participant: Participant }>();
  readonly #segments: SaidSegment[] = [];

  join(id: string, name: string, metadata: Record<string, unknown> = {}): void {
    const person: MeetingPerson = { id, name, isBot: false, speaks: ['en'], prefers: 'en', heard: false };
    this.#people.set(id, { person, participant: { id, name, metadata } as Participant });
  }

  say1(speakerId: string, text: string): void {
    const turnId = `t${this.#segments.length + 1}`;
    const speakerName = this.#people.get(speakerId)?.person.name ?? 'Parley';
    this.#segments.push({
      turnId,
      speakerId,
      speakerName,
      text,
      language: 'en',
      atMs: this.#segments.length * 60_000,
    });
  }

  people = (): readonly MeetingPerson[] => [...this.#people.values()].map(({ person }) => person);
  personOf = (id: string): MeetingPerson | undefined => this.#people.get(id)?.person;
  participantOf = (id: string): Participant | undefined => this.#people.get(id)?.participant;
  isHost = (): boolean => false;
  segments = (): readonly SaidSegment[] => this.#segments;
  languageOf = (): string => 'en';
  say = (): Promise<void> => Promise.resolve();
  note = (news: NoteNews): void => void this.told.push(news);
  leave = (): void => undefined;

  /** Calls a tool as the runner does once its arguments were checked. */
  async call(
    extension: AgentExtension,
    name: string,
    args: Record<string, unknown> = {},
    { askedBy, signal = new AbortController().signal }: { askedBy?: string; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const tool = extension.tools!.find((each) => each.name === name)!;
    const parsed = (tool.parameters as { parse(value: unknown): Record<string, unknown> }).parse(args);
    return await tool.handler(parsed, {
      callId: 'c',
      meetingId: this.meetingId,
      askedBy,
      language: 'en',
      signal,
    });
  }
}
