/** A program with a room of its own: a class that implements the port, the embedded backend, and nothing else. */
import { expect, it } from 'vitest';
import { embedded } from '../../src/embedded/index.js';
import {
  EventEmitter,
  interpret,
  type LeaveReason,
  type OnAudio,
  type Participant,
  type Room,
  type RoomEvents,
  type RoomState,
} from '../../src/index.js';
import { loadBook } from '../embedded/phrasebook/book.js';

const FRAME_SAMPLES = 240; // 10 ms of 24 kHz

/** Two people, one of whom says something; nobody else can come. */
class OwnRoom implements Room {
  readonly capabilities = { directedData: false, keptData: false };
  readonly events = new EventEmitter<RoomEvents>();
  readonly participantId = 'parley-own';
  readonly participants = new Map<string, Participant>();
  state: RoomState = { kind: 'idle' };
  #onAudio: OnAudio = () => undefined;

  join(): Promise<void> {
    this.#setState({ kind: 'connected' });
    this.#enter('ana', 'es');
    this.#enter('ben', 'en');
    return Promise.resolve();
  }

  leave(): Promise<void> {
    const reason: LeaveReason = { kind: 'asked', message: 'we left' };
    if (this.state.kind !== 'left') this.#setState({ kind: 'left', reason });
    return Promise.resolve();
  }

  listen(onAudio: OnAudio): void {
    this.#onAudio = onAudio;
  }

  publish(): void {
    // Nobody listens here: captions are all that is wanted.
  }

  send(): Promise<void> {
    return Promise.resolve();
  }

  subscribe(): () => void {
    return () => undefined;
  }

  /** Ana's microphone picks this up, at its own pace: a busy machine is late, and its times are right all the same. */
  async say(pcm: Int16Array): Promise<void> {
    this.events.emit('audioStarted', 'ana');
    const startMs = performance.now();
    for (let at = 0; at + FRAME_SAMPLES <= pcm.length; at += FRAME_SAMPLES) {
      const samples = pcm.subarray(at, at + FRAME_SAMPLES);
      this.#onAudio('ana', { samples, sampleRateHz: 24_000, channelCount: 1 }, startMs + at / 24);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #enter(id: string, preferredLanguage: string): void {
    const participant = { id, name: id, metadata: { preferredLanguage }, isBot: false };
    this.participants.set(id, participant);
    this.events.emit('participantJoined', participant);
  }

  #setState(state: RoomState): void {
    this.state = state;
    this.events.emit('state', state);
  }
}

it('interprets a room of one’s own, and gives its final captions', { timeout: 120_000 }, async () => {
  const phrase = (await loadBook()).get('share-my-screen')!;
  const room = new OwnRoom();
  const bot = await interpret({
    room,
    backend: await embedded(),
    settings: { languages: ['es', 'en'], announcement: false },
  });
  const silence = new Int16Array(24_000 * 2);
  const speech = new Int16Array([...silence.subarray(0, 12_000), ...phrase.get('es')!.pcm24k, ...silence]);
  const speaking = room.say(speech);
  for await (const event of bot) {
    if (event.type !== 'caption' || !event.final || event.translatedText === '') continue;
    expect(event).toMatchObject({
      kind: 'speech',
      speakerId: 'ana',
      sourceLanguage: 'es',
      targetLanguage: 'en',
      sourceText: 'Voy a compartir mi pantalla para enseñarles el plan.',
      translatedText: "I'm going to share my screen to show you the plan.",
    });
    break;
  }
  await speaking;
  await bot.stop();
  expect(room.state.kind).toBe('left');
  expect(await bot.ended).toEqual({ askedBy: 'asked', reason: { kind: 'asked', message: 'asked to leave' } });
});
