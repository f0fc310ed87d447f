import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import type { TimerHandle } from '../../../clock.js';
import { messageOf } from '../../../errors.js';
import { AudioDecoder, decodeBase64 } from '../input/audio-format.js';
import type { JsonObject } from '../config/checks.js';
import type { ClientConnection } from '../server/client-connection.js';
import { expireConnection, takeMessage } from '../server/client-messages.js';
import { newId } from '../server/ids.js';
import { EMBEDDED_MODEL } from '../config/session-config.js';
import type { SessionServices } from '../session.js';
import {
  checkTranslateEvent,
  DEFAULT_TRANSLATE_CONFIG,
  type TranslateClientEvent,
  type TranslateSessionConfig,
  updatedTranslate,
} from './client-events.js';
import { Simultaneous } from './simultaneous.js';

/** While draining, a step of 200 ms takes so long: output was seen to come about 4.7 times faster than it is heard. */
const DRAIN_STEP_MS = 85;

/** What translation sessions share with all of a server; `frameMs` is the audio that is sent per step of 200 ms. */
type TranslateServices = Pick<SessionServices, 'clock' | 'responder' | 'sessionDurationMs' | 'log'> & {
  frameMs: number;
};

/** One translation session: no turns, no items, no responses; audio in and, as long as it comes, audio out. */
export class TranslateSession {
  readonly #services: TranslateServices;
  readonly #connection: ClientConnection;
  readonly #engine: Simultaneous;
  readonly #decoder = new AudioDecoder({ type: 'audio/pcm', rate: 24_000 });
  readonly #identity: { id: string; expires_at: number };
  readonly #expiry: TimerHandle;
  #config: TranslateSessionConfig = DEFAULT_TRANSLATE_CONFIG;
  #draining: TimerHandle | undefined;
  #receivedSamples = 0;
  #over = false;

  constructor(services: TranslateServices, connection: ClientConnection) {
    this.#services = services;
    this.#connection = connection;
    const { clock, responder, sessionDurationMs, frameMs, log } = services;
    this.#identity = {
      id: newId(clock, 'sess'),
      expires_at: Math.floor((clock.epochMs() + sessionDurationMs) / 1000),
    };
    this.#engine = new Simultaneous({
      responder,
      frameMs,
      language: () => this.#config.language,
      transcribes: () => this.#config.transcription !== null,
      failed: (error) => {
        log.warn({ message: messageOf(error) }, 'The responder failed.');
      },
    });
    this.#expiry = clock.setTimer(() => {
      this.#expire();
    }, sessionDurationMs);
    connection.send('session.created', { session: this.#view() });
  }

  /** Something is still on its way to the client. */
  get busy(): boolean {
    return !this.#over && (this.#draining !== undefined || this.#connection.pending);
  }

  /** Audio that the client appended, in milliseconds. */
  get receivedAudioMs(): number {
    return this.#receivedSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** Handles one message to its end. Never throws. */
  receive(message: string): void {
    if (this.#over) return;
    takeMessage(message, this.#connection, this.#services.log, (event) => {
      this.#dispatch(checkTranslateEvent(event));
    });
  }

  /** The connection is gone: stops every timer. */
  end(): void {
    this.#finish();
    this.#connection.stop();
  }

  #dispatch(event: TranslateClientEvent): void {
    switch (event.type) {
      case 'session.update':
        this.#config = updatedTranslate(this.#config, event.session);
        this.#connection.send('session.updated', { session: this.#view() });
        return;
      case 'session.input_audio_buffer.append': {
        if (this.#draining !== undefined) return;
        const pcm = this.#decoder.process(decodeBase64(event.audio, 'audio'));
        this.#receivedSamples += pcm.length;
        this.#engine.append(pcm);
        for (let events = this.#engine.step(); events !== undefined; events = this.#engine.step()) {
          for (const { type, fields } of events) this.#connection.send(type, fields);
        }
        return;
      }
      case 'session.close':
        if (this.#draining !== undefined) return;
        this.#engine.finish();
        this.#drainSoon();
        return;
    }
  }

  #drainSoon(): void {
    this.#draining = this.#services.clock.setTimer(() => {
      const events = this.#engine.drainStep();
      if (events === undefined) {
        this.#connection.send('session.closed', {});
        this.#connection.close(1000, '');
        this.#finish();
        return;
      }
      for (const { type, fields } of events) this.#connection.send(type, fields);
      this.#drainSoon();
    }, DRAIN_STEP_MS);
  }

  #finish(): void {
    this.#over = true;
    this.#expiry.cancel();
    this.#draining?.cancel();
    this.#draining = undefined;
  }

  #expire(): void {
    expireConnection(this.#connection, this.#services.sessionDurationMs);
    this.#finish();
  }

  #view(): JsonObject {
    const { language, transcription, noiseReduction } = this.#config;
    return {
      ...this.#identity,
      type: 'translation',
      model: EMBEDDED_MODEL,
      audio: { input: { transcription, noise_reduction: noiseReduction }, output: { language } },
    };
  }
}
