import type { AudioFrame } from '../../../audio/index.js';
import type { Clock } from '../../clock.js';
import { messageOf } from '../../errors.js';
import type { AudioChunk } from '../../realtime/uplink/audio-chunk.js';
import type { MicrophoneStage, OnCleaned } from './microphone-stage.js';
import type { SpeechSpan } from './interjections.js';
import { SpeakerInput } from './speaker-input.js';

/** Frames that stay away this long without a word have stopped. */
const STALL_MS = 500;

/** What the inputs of a meeting's speakers tell of; see {@link SpeakerInputHandlers}. */
type SpeakerInputsHandlers = {
  /** Somebody began or ceased to speak. */
  speaking(participantId: string, speaking: boolean, span: SpeechSpan): void;
  /** How long somebody's present speech has lasted; 0 in silence. */
  heard(participantId: string, speechMs: number): void;
  /** Somebody's next chunk. */
  chunk(participantId: string, speaker: SpeakerInput, chunk: AudioChunk): void;
  /** Somebody's frames stopped: whatever they were saying is over. */
  stopped(participantId: string): void;
  /** Told once for somebody whose frames cannot be used. */
  unusable(participantId: string, why: string): void;
};

type Heard = {
  readonly speaker: SpeakerInput;
  lastFrameMs: number;
  quietSinceMs: number;
  framesSinceCheck: number;
  notified: boolean;
};

/**
 * How a meeting hears its people: one {@link SpeakerInput} for each whose microphone is on, without the interpreter's own voice.
 * Needs `loadResampler()` and `loadSpeechDetector()` to have resolved before the first frame.
 */
export class SpeakerInputs {
  readonly #clock: Clock;
  readonly #guard: (participantId: string, onCleaned: OnCleaned) => MicrophoneStage;
  readonly #handlers: SpeakerInputsHandlers;
  readonly #heard = new Map<string, Heard>();

  /** `guard` makes what keeps our own voice out of somebody's microphone. */
  constructor(options: {
    clock: Clock;
    guard: (participantId: string, onCleaned: OnCleaned) => MicrophoneStage;
    handlers: SpeakerInputsHandlers;
  }) {
    this.#clock = options.clock;
    this.#guard = options.guard;
    this.#handlers = options.handlers;
  }

  /** Whose microphones have been heard. */
  get participantIds(): readonly string[] {
    return [...this.#heard.keys()];
  }

  /** One frame of somebody. */
  push(participantId: string, frame: AudioFrame, atMs: number): void {
    const heard = this.#heard.get(participantId) ?? this.#newHeard(participantId);
    heard.lastFrameMs = this.#clock.nowMs();
    heard.framesSinceCheck++;
    try {
      heard.speaker.push(frame, atMs);
    } catch (error) {
      if (heard.notified) return;
      heard.notified = true;
      this.#handlers.unusable(participantId, messageOf(error));
    }
  }

  /** Muted, gone, or the connection is down: the frames stop here. */
  stop(participantId: string): void {
    this.#heard.get(participantId)?.speaker.stop();
    this.#handlers.stopped(participantId);
  }

  /** Somebody who was stopped is gone. */
  forget(participantId: string): void {
    this.#heard.get(participantId)?.speaker.close();
    this.#heard.delete(participantId);
  }

  /** Since when somebody has been silent; undefined while they speak, `neverMs` where they were never heard. */
  quietSinceMs(participantId: string, neverMs: number): number | undefined {
    const heard = this.#heard.get(participantId);
    if (heard === undefined) return neverMs;
    return heard.speaker.speaking ? undefined : heard.quietSinceMs;
  }

  /** Again and again: frames that stopped without a word, and the loudest levels since the last time. */
  tick(onLevel: (participantId: string, levelDbfs: number) => void): void {
    for (const [participantId, heard] of this.#heard) {
      if (this.#clock.nowMs() - heard.lastFrameMs >= STALL_MS) this.stop(participantId);
      if (heard.framesSinceCheck === 0) continue;
      heard.framesSinceCheck = 0;
      onLevel(participantId, heard.speaker.takeLevelDbfs());
    }
  }

  #newHeard(participantId: string): Heard {
    const speaker = new SpeakerInput(
      {
        speaking: (speaking, span) => {
          heard.quietSinceMs = this.#clock.nowMs();
          this.#handlers.speaking(participantId, speaking, span);
        },
        heard: (speechMs) => {
          this.#handlers.heard(participantId, speechMs);
        },
        chunk: (chunk) => {
          this.#handlers.chunk(participantId, speaker, chunk);
        },
      },
      (onCleaned) => this.#guard(participantId, onCleaned),
    );
    const heard: Heard = { speaker, lastFrameMs: 0, quietSinceMs: 0, framesSinceCheck: 0, notified: false };
    this.#heard.set(participantId, heard);
    return heard;
  }
}
