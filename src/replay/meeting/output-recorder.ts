import type { AudioFrame } from '../../../audio/index.js';
import type { Caption } from '../../captions/caption.js';
import { captionsTopic, UNDECIDED } from '../../captions/topics.js';
import type { LanguageTag } from '../../languages/languages.js';
import { channelLanguage } from '../../meeting/speaking/channel-rooms.js';
import type { ParticipantObserver } from '../../room/testing/fake-meeting.js';
import type { DataMessage, Participant } from '../../room/room.js';
import { PeakTrack } from './peak-track.js';
import { SoundTrack } from './sound-track.js';

const TOPIC_PREFIX = captionsTopic(UNDECIDED).slice(0, -UNDECIDED.length);

/** From when to when something was so, in milliseconds of the meeting; an open end is the end of the meeting. */
export type Span = { fromMs: number; toMs: number | undefined };

/** One participant as the hall sees them. */
export type RecordedParticipant = {
  readonly id: string;
  name: string;
  readonly isBot: boolean;
  /** The only language that this voice of the interpreter speaks. */
  readonly language: LanguageTag | undefined;
  /** When they were in the meeting, and when their microphone was off meanwhile. */
  readonly present: Span[];
  readonly muted: Span[];
  /** How loud their microphone, or their track, was. */
  readonly loudness: PeakTrack;
  /** What the interpreter's track gave; undefined of people, whose sound is only heard together. */
  readonly sound: SoundTrack | undefined;
};

/** A final caption as the readers of one language got it. */
type SentCaption = { caption: Caption; text: string };

/**
 * What a listener in the hall hears and sees of a meeting: everyone's sound, who is there, and the captions as sent.
 */
export class OutputRecorder {
  /** Everyone who was ever there, in the order in which they came. */
  readonly participants = new Map<string, RecordedParticipant>();
  /** All people's microphones together. */
  readonly original = new SoundTrack();
  /** By language of the topic: the last final state of each segment, in the order in which they became final. */
  readonly captions = new Map<string, Map<string, SentCaption>>();
  readonly #nowMs: () => number;
  readonly #interpreterIds: ReadonlySet<string>;
  #originMs = 0;

  /** What is told of the meeting comes in here. */
  readonly observer: ParticipantObserver = {
    joined: (participant) => this.#joined(participant),
    changed: ({ id, name }) => {
      const known = this.participants.get(id);
      if (known !== undefined) known.name = name;
    },
    left: ({ id }) => this.#left(id),
    microphone: (id, on) => this.#microphone(id, on),
    frame: (id, frame, atMs) => this.#frame(id, frame, atMs),
    message: (message) => this.#message(message),
    removed: () => undefined,
  };

  /** `nowMs` is the clock of the meeting. Captions count only from `interpreterIds`. */
  constructor(options: { nowMs: () => number; interpreterIds: ReadonlySet<string> }) {
    this.#nowMs = options.nowMs;
    this.#interpreterIds = options.interpreterIds;
  }

  /** Time 0 is now. */
  begin(): void {
    this.#originMs = this.#nowMs();
  }

  /** Forgets the sound. Safe to call twice. */
  close(): void {
    this.original.close();
    for (const { sound } of this.participants.values()) sound?.close();
  }

  #joined({ id, name, isBot, metadata }: Participant): void {
    let known = this.participants.get(id);
    if (known === undefined) {
      const language = isBot ? channelLanguage(metadata) : undefined;
      const sound = isBot ? new SoundTrack() : undefined;
      known = { id, name, isBot, language, present: [], muted: [], loudness: new PeakTrack(), sound };
      this.participants.set(id, known);
    }
    known.name = name;
    known.present.push({ fromMs: this.#atMs(), toMs: undefined });
    known.muted.push({ fromMs: this.#atMs(), toMs: undefined }); // until the microphone is told to be on
  }

  #left(id: string): void {
    const known = this.participants.get(id);
    this.#close(known?.present);
    this.#close(known?.muted);
  }

  #microphone(id: string, on: boolean): void {
    const known = this.participants.get(id);
    if (on) this.#close(known?.muted);
    else known?.muted.push({ fromMs: this.#atMs(), toMs: undefined });
  }

  #frame(id: string, { samples }: AudioFrame, atMs: number): void {
    const known = this.participants.get(id);
    if (known === undefined) return;
    known.loudness.add(samples, atMs - this.#originMs);
    known.sound?.add(samples, atMs - this.#originMs);
    if (!known.isBot) this.original.add(samples, atMs - this.#originMs);
  }

  #message({ senderId, topic, text, payload }: DataMessage): void {
    if (!topic.startsWith(TOPIC_PREFIX) || !this.#interpreterIds.has(senderId)) return;
    const language = topic.slice(TOPIC_PREFIX.length);
    const caption = payload as Caption; // by the interpreter of this process
    if (!caption.final) return;
    const sent = this.captions.get(language) ?? new Map<string, SentCaption>();
    this.captions.set(language, sent);
    sent.delete(caption.segmentId);
    if (text !== '') sent.set(caption.segmentId, { caption, text });
  }

  #close(spans: Span[] | undefined): void {
    const last = spans?.at(-1);
    if (spans === undefined || last?.toMs !== undefined || last === undefined) return;
    last.toMs = this.#atMs();
    if (last.toMs === last.fromMs) spans.pop();
  }

  #atMs(): number {
    return this.#nowMs() - this.#originMs;
  }
}
