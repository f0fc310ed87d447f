import { AudioDecoder, decodeBase64, msOf, samplesOf } from './audio-format.js';
import { ClientEventError } from '../server/client-error.js';
import { InputBuffer } from './input-buffer.js';
import type { JsonObject } from '../config/checks.js';
import type { SessionConfig } from '../config/session-config.js';
import { prefixPaddingMs, type SpeechBoundary, TurnDetector } from './turn-detector.js';
import { FRAME_SAMPLES } from './voice-activity.js';

const MIN_COMMIT_MS = 100;
const LOOK_BACK_SAMPLES = samplesOf(600); // how far back an onset may be found

/** What the input side tells its session. */
interface TurnHost {
  readonly config: SessionConfig;
  /** Rate of the PCM that clients send. */
  readonly inputRateHz: number;
  send(type: string, fields: JsonObject): void;
  newItemId(): string;
  /** Somebody started to speak (the event has gone out). */
  speechStarted(): void;
  /** A turn is complete; `detected` when VAD said so, not the client. */
  committed(turn: { itemId: string; pcm24k: Int16Array; detected: boolean }): void;
}

type OpenTurn = { itemId: string; startSample: number };

/** The input side of a session: audio appended, speech found in it, turns committed. */
export class InputTurns {
  readonly #host: TurnHost;
  readonly #buffer = new InputBuffer();
  #decoder: AudioDecoder;
  #detector: TurnDetector | undefined;
  #detectorOrigin = 0; // sample at which the detector's first frame began
  #nextFrame = 0; // sample at which its next one begins
  #turn: OpenTurn | undefined;
  #committedTo = 0; // a client's commit takes what came after this
  #notBefore = 0; // cleared or committed by the client: no turn reaches back over it
  #keepFrom: number | undefined;

  constructor(host: TurnHost) {
    this.#host = host;
    this.#decoder = new AudioDecoder(host.config.audio.input.format, host.inputRateHz);
    this.configured();
  }

  /** Samples written since the session began. */
  get writtenSamples(): number {
    return this.#buffer.endSample;
  }

  /** The id of the turn in progress; undefined when nobody is speaking. */
  get openTurnId(): string | undefined {
    return this.#turn?.itemId;
  }

  /** Samples lost because the buffer was full. */
  get droppedSamples(): number {
    return this.#buffer.droppedSamples;
  }

  /** Takes over a changed configuration. Switching VAD off leaves the audio for the client to commit. */
  configured(): void {
    const { format, turn_detection } = this.#host.config.audio.input;
    if (format.type !== this.#decoder.format.type) {
      this.#decoder.close();
      this.#decoder = new AudioDecoder(format, this.#host.inputRateHz);
    }
    if (turn_detection === null) {
      this.#detector = undefined;
      this.#turn = undefined;
    } else if (this.#detector === undefined) {
      this.#detector = new TurnDetector();
      this.#detectorOrigin = this.#nextFrame = this.#buffer.endSample;
    }
  }

  /** No more audio will come. */
  close(): void {
    this.#decoder.close();
  }

  /** Audio from `sample` on is kept even while nobody speaks; undefined keeps no more than the prefix padding. */
  keepFrom(sample: number | undefined): void {
    this.#keepFrom = sample;
  }

  append(base64: string): void {
    const pcm = this.#decoder.process(decodeBase64(base64, 'audio'));
    const step = samplesOf(10_000); // bounds what is held while a large chunk is gone through
    for (let at = 0; at < pcm.length; at += step) {
      this.#buffer.append(pcm.subarray(at, at + step));
      this.#detect();
    }
  }

  /** `input_audio_buffer.commit`. Where somebody is speaking they go on, and the rest becomes an item of its own. */
  commit(): void {
    const from = this.#turn?.startSample ?? Math.max(this.#committedTo, this.#buffer.startSample);
    const pcm24k = this.#buffer.slice(from, this.#buffer.endSample);
    const durationMs = pcm24k.length / samplesOf(1);
    if (durationMs < MIN_COMMIT_MS) {
      throw new ClientEventError(
        'input_audio_buffer_commit_empty',
        `Error committing input audio buffer: buffer too small. Expected at least ${MIN_COMMIT_MS}ms of audio, but buffer only has ${durationMs.toFixed(2)}ms of audio.`,
      );
    }
    const itemId = this.#turn?.itemId ?? this.#host.newItemId();
    if (this.#turn === undefined) this.#forgetAll();
    else {
      const { endSample } = this.#buffer;
      this.#committedTo = this.#notBefore = endSample;
      this.#turn = { itemId: this.#host.newItemId(), startSample: endSample };
      this.#buffer.dropBefore(this.#nextFrame);
    }
    this.#host.committed({ itemId, pcm24k, detected: false });
  }

  /** `input_audio_buffer.clear`. */
  clear(): void {
    this.#forgetAll();
    this.#host.send('input_audio_buffer.cleared', {});
  }

  /** Nobody spoke for the idle timeout: commits the silence since `fromSample`. */
  commitSilence(fromSample: number): void {
    const itemId = this.#host.newItemId();
    const from = Math.max(fromSample, this.#buffer.startSample);
    const to = this.#buffer.endSample;
    this.#host.send('input_audio_buffer.timeout_triggered', {
      item_id: itemId,
      audio_start_ms: msOf(from),
      audio_end_ms: msOf(to),
    });
    const pcm24k = this.#buffer.slice(from, to);
    this.#committedTo = to;
    this.#host.committed({ itemId, pcm24k, detected: true });
  }

  #forgetAll(): void {
    this.#turn = undefined;
    this.#committedTo = this.#notBefore = this.#buffer.endSample;
    this.#buffer.dropBefore(this.#nextFrame);
    this.#detector?.reset();
    if (this.#detector === undefined) this.#buffer.dropBefore(this.#buffer.endSample);
  }

  #detect(): void {
    for (;;) {
      const detection = this.#host.config.audio.input.turn_detection;
      const detector = this.#detector;
      if (detection === null || detector === undefined) {
        this.#nextFrame = this.#buffer.endSample;
        return;
      }
      if (this.#nextFrame + FRAME_SAMPLES > this.#buffer.endSample) break;
      const frame = this.#buffer.view(this.#nextFrame, this.#nextFrame + FRAME_SAMPLES);
      this.#nextFrame += FRAME_SAMPLES;
      const boundary = detector.push(frame, detection);
      if (boundary !== undefined) this.#cross(boundary, prefixPaddingMs(detection));
      const keep =
        this.#turn?.startSample ??
        this.#nextFrame - samplesOf(prefixPaddingMs(detection)) - LOOK_BACK_SAMPLES;
      this.#buffer.dropBefore(Math.min(keep, this.#keepFrom ?? keep));
    }
  }

  #cross(boundary: SpeechBoundary, prefixMs: number): void {
    if (boundary.kind === 'started') {
      const onset = this.#detectorOrigin + boundary.onsetSample;
      const startSample = Math.max(this.#notBefore, onset - samplesOf(prefixMs), 0);
      this.#turn = { itemId: this.#host.newItemId(), startSample };
      this.#host.send('input_audio_buffer.speech_started', {
        audio_start_ms: msOf(startSample),
        item_id: this.#turn.itemId,
      });
      this.#host.speechStarted();
      return;
    }
    const turn = this.#turn;
    if (turn === undefined) return;
    const end = this.#detectorOrigin + boundary.endSample + samplesOf(boundary.silenceMs);
    this.#turn = undefined;
    this.#committedTo = end;
    this.#host.send('input_audio_buffer.speech_stopped', { audio_end_ms: msOf(end), item_id: turn.itemId });
    const pcm24k = this.#buffer.slice(turn.startSample, end);
    this.#host.committed({ itemId: turn.itemId, pcm24k, detected: true });
  }
}
