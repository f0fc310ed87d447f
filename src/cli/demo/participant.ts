/**
 * A scripted participant of the demo: the real SDK in a process of its own, with a microphone that phrases of the book are
 * played into, and ears that recognise what the interpreter says.
 */
import { join } from 'node:path';
import { InputAdapter, loadResampler, StreamingResampler } from '../../../audio/index.js';
import { messageOf } from '../../errors.js';
import { loadPhrasebook, type Phrasebook } from '../../local/phrasebook/phrasebook.js';
import { Recogniser } from '../../local/phrasebook/recogniser.js';
import { createLogger } from '../../log.js';
import { packageRoot } from '../../package-root.js';
import { isBotId, type Room, type TrackSource } from '../../room/room.js';
import { createVideoSdkRoom } from '../../room/videosdk/index.js';
import type { ParticipantOrder, ParticipantReport } from './messages.js';
import { Utterances } from './utterances.js';

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
    const { meetingId, token, participantId, name, language } = this.#order;
    const { fastinoUserId, signalingBaseUrl, ca } = this.#order;
    const room = await createVideoSdkRoom({
      meetingId,
      token,
      participantId,
      name,
      metadata: {
        preferredLanguage: language,
        ...(fastinoUserId === undefined ? {} : { fastinoUserId }),
      },
      signalingBaseUrl,
      ca,
      hears: 'everyone',
      log: createLogger({ level: 'warn', secrets: [token] }),
    });
    this.#room = room;
    const recogniser = new Recogniser(this.#book);
    const utterances = new Utterances(({ pcm24k, startedAtMs, endedAtMs }) => {
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
    });
    // Frames follow each other without a hole, however late this process is told of them.
    const adapter = new InputAdapter();
    const resampler = new StreamingResampler(48_000, 24_000);
    room.listen((id, frame, atMs) => {
      if (isBotId(id)) utterances.push(resampler.process(adapter.process(frame)), atMs - resampler.delayMs);
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
}

/** A microphone in a silent room, into which one phrase at a time is said. */
class PhraseMicrophone implements TrackSource {
  #pcm48k = new Int16Array(0);
  #played = 0;
  #onEnd: ((endedAtMs: number) => void) | undefined;

  play(pcm24k: Int16Array, onEnd: (endedAtMs: number) => void): void {
    const resampler = new StreamingResampler(24_000, 48_000);
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
