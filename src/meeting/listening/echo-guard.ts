/**
 * Keeps the interpreter from hearing itself: each microphone is compared with what was published in the voices that its
 * person hears, and what of it came back through loudspeaker and room is taken out.
 */
import { ROOM_SAMPLES_PER_MS } from '../../../audio/rates.js';
import { EchoCanceller, EchoReference } from '../../../audio/index.js';
import { FrameTiming } from './frame-timing.js';
import type { MicrophoneStage, OnCleaned } from './microphone-stage.js';
import type { OutputChannel } from '../../interpreter/playback/output-channel.js';

/** What a voice that has left published may come back as echo for so long. */
const GONE_MS = 10_000;
/** Pushes after which it is asked again which voices are heard: 250 ms. */
const PUSHES_BETWEEN_QUESTIONS = 25;

type Published = {
  readonly reference: EchoReference;
  readonly timing: FrameTiming;
  /** Samples at 48 kHz since time 0 of the clock. */
  position: number;
};

/** What every voice published lately. Needs `loadResampler()` to have resolved before the first frame. */
export class EchoGuard {
  readonly #heardBy: (participantId: string) => readonly OutputChannel[];
  readonly #published = new Map<OutputChannel, Published>();

  /** `heardBy` tells which voices a person hears; asked for again and again. */
  constructor(heardBy: (participantId: string) => readonly OutputChannel[]) {
    this.#heardBy = heardBy;
  }

  /** A voice published a frame of 480 samples at 48 kHz, to be heard from `atMs` on. */
  published(voice: OutputChannel, frame: Int16Array, atMs: number): void {
    const published = this.#of(voice);
    const { timing, reference } = published;
    if (timing.isAfterHole(atMs)) timing.end();
    const movedMs = timing.take(atMs, frame.length / ROOM_SAMPLES_PER_MS);
    if (movedMs === undefined) {
      published.position = Math.round(atMs * ROOM_SAMPLES_PER_MS);
      this.#prune(published.position);
    } else {
      published.position += Math.round(movedMs * ROOM_SAMPLES_PER_MS);
    }
    reference.push(frame, published.position);
    published.position += frame.length;
  }

  /** A microphone to be guarded. */
  microphone(participantId: string, onCleaned: OnCleaned): GuardedMicrophone {
    return new GuardedMicrophone(
      () => this.#heardBy(participantId),
      (voice) => this.#of(voice).reference,
      onCleaned,
    );
  }

  /** Frees the filters; nothing may be published afterwards. */
  close(): void {
    for (const { reference } of this.#published.values()) reference.close();
  }

  #of(voice: OutputChannel): Published {
    const known = this.#published.get(voice);
    if (known !== undefined) return known;
    const published = { reference: new EchoReference(), timing: new FrameTiming(), position: 0 };
    this.#published.set(voice, published);
    return published;
  }

  /** Forgets voices that have left. */
  #prune(position: number): void {
    for (const [voice, published] of this.#published) {
      // A voice that has nothing to say publishes nothing either.
      if (!voice.gone || position - published.position < GONE_MS * ROOM_SAMPLES_PER_MS) continue;
      published.reference.close();
      this.#published.delete(voice);
    }
  }
}

type DemoMeeting = { readonly voice: OutputChannel; readonly canceller: EchoCanceller; at: number };

/** One person's microphone: what each voice left in it is taken out, one voice after the other. */
export class GuardedMicrophone implements MicrophoneStage {
  readonly #heard: () => readonly OutputChannel[];
  readonly #referenceOf: (voice: OutputChannel) => EchoReference;
  readonly #onCleaned: OnCleaned;
  #stages: DemoMeeting[] = [];
  #pushes = 0;

  constructor(
    heard: () => readonly OutputChannel[],
    referenceOf: (voice: OutputChannel) => EchoReference,
    onCleaned: OnCleaned,
  ) {
    this.#heard = heard;
    this.#referenceOf = referenceOf;
    this.#onCleaned = onCleaned;
  }

  /** Takes 48 kHz mono whose first sample belongs to `atMs`; it follows what came before, unless that was flushed. */
  push(samples: Int16Array, atMs: number): void {
    if (this.#pushes++ % PUSHES_BETWEEN_QUESTIONS === 0) this.#follow(this.#heard());
    this.#pushTo(0, samples, Math.round(atMs * ROOM_SAMPLES_PER_MS));
  }

  /** The sound ends here, or goes on at another time: what is held back is handed out. */
  flush(): void {
    for (const { canceller } of this.#stages) canceller.flush();
  }

  /** Frees the filters. */
  close(): void {
    for (const { canceller } of this.#stages) canceller.close();
    this.#stages = [];
  }

  #pushTo(at: number, samples: Int16Array, position: number): void {
    const stage = this.#stages[at];
    if (stage === undefined) this.#onCleaned(samples, position / ROOM_SAMPLES_PER_MS);
    else stage.canceller.push(samples, position);
  }

  /** Brings the stages in line with the voices that are heard. What is known of those that stay is kept. */
  #follow(voices: readonly OutputChannel[]): void {
    const before = this.#stages;
    if (voices.length === before.length && voices.every((voice, at) => voice === before[at]!.voice)) return;
    this.flush();
    for (const { voice, canceller } of before) if (!voices.includes(voice)) canceller.close();
    this.#stages = voices.map(
      (voice) => before.find((stage) => stage.voice === voice) ?? this.#newStage(voice),
    );
    for (const [at, stage] of this.#stages.entries()) stage.at = at;
  }

  #newStage(voice: OutputChannel): DemoMeeting {
    const canceller = new EchoCanceller(this.#referenceOf(voice), (samples, position) => {
      this.#pushTo(stage.at + 1, samples, position);
    });
    const stage: DemoMeeting = { voice, canceller, at: 0 };
    return stage;
  }
}
