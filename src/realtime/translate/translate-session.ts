import type { SessionOptions } from '../connection/session-lifecycle.js';
import type { ConnectionParts } from '../continuous/continuous-connections.js';
import type { OutputForm } from '../continuous/continuous-output.js';
import {
  type ContinuousEngine,
  type ContinuousParts,
  ContinuousSession,
} from '../continuous/continuous-session.js';
import { ENGINES } from '../engines.js';
import { checkTranslateConfig, type TranslateConfig } from './translate-config.js';
import { TranslateConnection } from './translate-connection.js';
import { TranslateUsage } from './translate-usage.js';

/** Zeros for so long are a pause between two utterances; words run ahead of the voice. */
const OUTPUT: OutputForm = { quietBelow: 1, utteranceGapMs: 600, leadMs: undefined, textLateMs: 0 };

/** What a translation session is made of. */
type TranslateOptions = SessionOptions & { config: TranslateConfig };

/**
 * A `/v1/realtime/translations` session: OpenAI's continuous interpreter, which knows no turns, instructions, voices or speeds
 * (OpenAI's guides/realtime-translation and the types of openai@7.55.0). Needs `loadResampler()` and `loadSpeechDetector()` to
 * have resolved.
 */
export class TranslateSession extends ContinuousSession<TranslateConnection> {
  /** Throws ParleyError `config` for a configuration out of range. */
  constructor(options: TranslateOptions) {
    const { pauseAfterSilenceMs } = options.config;
    checkTranslateConfig(options.config);
    super({ ...options, pauseAfterSilenceMs }, (parts) => new TranslateEngine(options, parts));
  }
}

class TranslateEngine implements ContinuousEngine<TranslateConnection> {
  readonly abilities = ENGINES.translate;
  readonly controls = undefined;
  readonly output = OUTPUT;
  readonly #options: TranslateOptions;
  readonly #parts: ContinuousParts;
  readonly #usage: TranslateUsage;
  #transcribes: boolean;

  constructor(options: TranslateOptions, parts: ContinuousParts) {
    this.#options = options;
    this.#parts = parts;
    this.#usage = new TranslateUsage(parts.events, parts.counters);
    this.#transcribes = options.config.transcriptionModel !== undefined;
  }

  get transcribes(): boolean {
    return this.#transcribes;
  }

  setTranscription(wanted: boolean): void {
    this.#usage.notify(this.#transcribingModel);
    this.#transcribes = wanted && this.#options.config.transcriptionModel !== undefined;
  }

  connection(parts: ConnectionParts): TranslateConnection {
    const { open, clock, config } = this.#options;
    return new TranslateConnection({
      ...{ ...this.#parts, ...parts, open, clock, config },
      transcribes: () => this.#transcribes,
    });
  }

  tick(): void {
    this.#usage.tick(this.#transcribingModel);
  }

  ended(): void {
    this.#usage.notify(this.#transcribingModel);
  }

  get #transcribingModel(): string | undefined {
    return this.#transcribes ? this.#options.config.transcriptionModel : undefined;
  }
}
