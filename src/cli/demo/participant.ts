/**
 * A scripted participant of the demo: the real SDK in a process of its own, with a microphone that phrases of the book are
 * played into, and listeners that recognise what the interpreter says.
 */
import { join } from 'node:path';
import { type AudioFrame, InputAdapter, loadResampler, StreamingResampler } from '../../../audio/index.js';
import { messageOf } from '../../errors.js';
import { sameLanguage } from '../../languages/languages.js';
import { loadPhrasebook, type Phrasebook } from '../../embedded/phrasebook/phrasebook.js';
import { Recogniser } from '../../embedded/phrasebook/recogniser.js';
import { createLogger } from '../../log.js';
import { channelLanguage } from '../../meeting/speaking/channel-rooms.js';
import { packageRoot } from '../../package-root.js';
import type { Participant as RoomParticipant, Room, TrackSource } from '../../room/room.js';
import { createVideoSdkRoom } from '../../room/videosdk/index.js';
import type { ParticipantOrder, ParticipantReport } from './messages.js';
import { type Utterance, Utterances } from './utterances.js';
import { REALTIME_RATE_HZ, ROOM_RATE_HZ } from '../../../audio/rates.js';

const toEpochMs = (clockMs: number): number => performance.timeOrigin + clockMs;

/** Follows the orders of the process that forked this one; resolves when told to leave, or when that process is gone. */
export async function runParticipant(): Promise<void> {
  const report = (message: ParticipantReport): void => {
    process.send?.(message, undefined, {}, () => undefined); // the demo may be gone
  };
  await loadResampler();
  const book = await loadPhrasebook(join(packageRoot(), 'fixtures', 'phrasebook.json'));
  let participant: Participant | undefined;
  await new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    process.on('message', (order: ParticipantOrder) => {
      if (order.kind === 'say') participant?.say(order.phraseId);
      if (order.kind === 'leave') resolve();
      if (order.kind !== 'join') return;
      participant = new Participant(order, book, report);
      participant.join().catch((error: unknown) => {
        report({ kind: 'failed', message: messageOf(error) });
        resolve();
      });
    });
  });
  await participant?.leave();
  report({ kind: 'left' });
}

class Participant {
  readonly #order: ParticipantOrder & { kind: 'join' };
  readonly #book: Phrasebook;
  readonly #report: (message: ParticipantReport) => void;
  readonly #microphone = new PhraseMicrophone();
  #room: Room | undefined;

  constructor(
    order: ParticipantOrder & { kind: 'join' },
    book: Phrasebook,
    report: (message: ParticipantReport) => void,
  ) {
    this.#order = order;
    this.#book = book;
    this.#report = report;
  }

  async join(): Promise<void> {
    const { meetingId, token, participantId, name, language, playsOneChannel } = this.#order;
    const { fastinoUserId, signalingBaseUrl, ca } = this.#order;
    const room = await createVideoSdkRoom({
      meetingId,
      token,
      participantId,
      name,
      metadata: {
        preferredLanguage: language,
        ...(fastinoUserId === undefined ? {} : { fastinoUserId }),
        ...(playsOneChannel === true ? { parley: { channels: true } } : {}),
      },
      signalingBaseUrl,
      ca,
      hears: 'everyone',
      log: createLogger({ level: 'warn', secrets: [token] }),
    });
    this.#room = room;
    const recogniser = new Recogniser(this.#book);
    const hear = ({ pcm24k, startedAtMs, endedAtMs }: Utterance): void => {
      const phrases = (recogniser.recognise(pcm24k) ?? []).map((rendering) => ({
        phraseId: rendering.phraseId,
        language: rendering.language,
        text: rendering.text,
      }));
      this.#report({
        kind: 'heard',
        phrases,
        startedAtMs: toEpochMs(startedAtMs),
        endedAtMs: toEpochMs(endedAtMs),
      });
    };
    const listeners = new Map<string, InterpreterListener>();
    room.listen((id, frame, atMs) => {
      if (!this.#plays(room.participants.get(id))) return;
      let listener = listeners.get(id);
      if (listener === undefined) listeners.set(id, (listener = new InterpreterListener(hear)));
      listener.push(frame, atMs);
    });
    room.publish(this.#microphone);
    await room.join();
    this.#report({ kind: 'joined' });
  }

  say(phraseId: string): void {
    const rendering = this.#book.get(phraseId)?.get(this.#order.language);
    if (rendering === undefined) {
      this.#report({ kind: 'failed', message: `there is no phrase ${phraseId} in ${this.#order.language}` });
      return;
    }
    this.#microphone.play(rendering.pcm24k, (endedAtMs) => {
      this.#report({ kind: 'said', phraseId, endedAtMs: toEpochMs(endedAtMs) });
    });
  }

  async leave(): Promise<void> {
    await this.#room?.leave();
  }

  /** Whether our app plays this participant: an interpreter, and of its voices per language the one we chose. */
  #plays(other: RoomParticipant | undefined): boolean {
    if (other?.isBot !== true) return false;
    const channel = channelLanguage(other.metadata);
    return channel === undefined || sameLanguage(channel, this.#order.language);
  }
}

/** One of the interpreter's voices, cut into utterances. Frames follow each other without a hole, however late they come. */
class InterpreterListener {
  readonly #adapter = new InputAdapter();
  readonly #resampler = new StreamingResampler(ROOM_RATE_HZ, REALTIME_RATE_HZ);
  readonly #utterances: Utterances;

  constructor(onUtterance: (utterance: Utterance) => void) {
    this.#utterances = new Utterances(onUtterance);
  }

  push(frame: AudioFrame, atMs: number): void {
    const pcm24k = this.#resampler.process(this.#adapter.process(frame));
    this.#utterances.push(pcm24k, atMs - this.#resampler.delayMs);
  }
}

/** A microphone in a silent room, into which one phrase at a time is said. */
class PhraseMicrophone implements TrackSource {
  #pcm48k = new Int16Array(0);
  #played = 0;
  #onEnd: ((endedAtMs: number) => void) | undefined;

  play(pcm24k: Int16Array, onEnd: (endedAtMs: number) => void): void {
    const resampler = new StreamingResampler(REALTIME_RATE_HZ, ROOM_RATE_HZ);
    const head = resampler.process(pcm24k).slice();
    const tail = resampler.flush();
    resampler.close();
    this.#pcm48k = new Int16Array(head.length + tail.length);
    this.#pcm48k.set(head);
    this.#pcm48k.set(tail, head.length);
    this.#played = 0;
    this.#onEnd = onEnd;
  }

  pull(out: Int16Array, atMs: number): void {
    const piece = this.#pcm48k.subarray(this.#played, this.#played + out.length);
    out.set(piece);
    out.fill(0, piece.length);
    this.#played += piece.length;
    if (this.#onEnd === undefined || this.#played < this.#pcm48k.length) return;
    this.#onEnd(atMs + piece.length / 48);
    this.#onEnd = undefined;
  }
}
