import type { TimerHandle } from '../../../clock.js';
import { messageOf } from '../../../errors.js';
import { AudioDecoder, decodeBase64 } from '../input/audio-format.js';
import type { JsonObject } from '../config/checks.js';
import type { ClientLine } from '../server/client-connection.js';
import { expireLine, takeMessage } from '../server/client-messages.js';
import { newId } from '../server/ids.js';
import { EMBEDDED_MODEL } from '../config/session-config.js';
import type { SessionServices } from '../session.js';
import {
  checkTranslationEvent,
  DEFAULT_TRANSLATION_CONFIG,
  type TranslationClientEvent,
  type TranslationSessionConfig,
  updatedTranslation,
} from './client-events.js';
import { Simultaneous } from './simultaneous.js';

/** While draining, a step of 200 ms takes so long: output was seen to come about 4.7 times faster than it is heard. */
const DRAIN_STEP_MS = 85;

/** What translation sessions share with all of a server; `frameMs` is the audio that is sent per step of 200 ms. */
export type TranslationServices = Pick<
  SessionServices,
  'clock' | 'responder' | 'sessionDurationMs' | 'log'
> & {
  frameMs: number;
};

/** One translation session: no turns, no items, no responses; audio in and, as long as it comes, audio out. */
export class TranslationSession {
  readonly #services: TranslationServices;
  readonly #line: ClientLine;
  readonly #engine: Simultaneous;
  readonly #decoder = new AudioDecoder({ type: 'audio/pcm', rate: 24_000 });
  readonly #identity: { id: string; expires_at: number };
  readonly #expiry: TimerHandle;
  #config: TranslationSessionConfig = DEFAULT_TRANSLATION_CONFIG;
  #draining: TimerHandle | undefined;
  #over = false;

  constructor(services: TranslationServices, line: ClientLine) {
    this.#services = services;
    this.#line = line;
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
    line.send('session.created', { session: this.#view() });
  }

  /** Something is still on its way to the client. */
  get busy(): boolean {
    return !this.#over && (this.#draining !== undefined || this.#line.pending);
  }

  /** Handles one message to its end. Never throws. */
  receive(message: string): void {
    if (this.#over) return;
    takeMessage(message, this.#line, this.#services.log, (event) => {
      this.#dispatch(checkTranslationEvent(event));
    });
  }

  /** The line is gone: stops every timer. */
  end(): void {
    this.#finish();
    this.#line.stop();
  }

  #dispatch(event: TranslationClientEvent): void {
    switch (event.type) {
      case 'session.update':
        this.#config = updatedTranslation(this.#config, event.session);
        this.#line.send('session.updated', { session: this.#view() });
        return;
      case 'session.input_audio_buffer.append':
        if (this.#draining !== undefined) return;
        this.#engine.append(this.#decoder.process(decodeBase64(event.audio, 'audio')));
        for (let events = this.#engine.step(); events !== undefined; events = this.#engine.step()) {
          for (const { type, fields } of events) this.#line.send(type, fields);
        }
        return;
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
        this.#line.send('session.closed', {});
        this.#line.close(1000, '');
        this.#finish();
        return;
      }
      for (const { type, fields } of events) this.#line.send(type, fields);
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
    expireLine(this.#line, this.#services.sessionDurationMs);
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
