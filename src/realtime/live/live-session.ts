import type { SessionOptions } from '../connection/session-lifecycle.js';
import type { ConnectionParts } from '../continuous/continuous-connections.js';
import type { OutputForm } from '../continuous/continuous-output.js';
import {
  type ContinuousEngine,
  type ContinuousParts,
  ContinuousSession,
} from '../continuous/continuous-session.js';
import { checkSpeed } from '../conversation/conversation-config.js';
import { ENGINES } from '../engines.js';
import type { SessionControls } from '../session.js';
import { checkLiveConfig, checkLiveVoice, type LiveConfig } from './live-config.js';
import { LiveConnection, type LiveKnowledge } from './live-connection.js';

/**
 * Three teams saw exact zeros between utterances and speech that rises to thousands at once, in real time; words come 600 ms
 * behind the voice, and a network may be slow.
 */
const OUTPUT: OutputForm = { quietBelow: 100, utteranceGapMs: 700, leadMs: 200, textLateMs: 1_500 };

/** What a live session is made of. */
type LiveOptions = SessionOptions & { config: LiveConfig; instructions: string };

/**
 * A `/v1/live/sessions` session: OpenAI's full-duplex model, told to interpret (types of openai@7.55.0, resources/live). It
 * follows instructions and has a voice, both fixed for a connection: others take over in a pause. It cannot be stopped, hurried, or
 * kept from speaking. Needs `loadResampler()` and `loadSpeechDetector()` to have resolved.
 */
export class LiveSession extends ContinuousSession<LiveConnection> {
  /** Throws ParleyError `config` for a configuration out of range. */
  constructor(options: LiveOptions) {
    checkLiveConfig(options.config);
    super({ ...options, pauseAfterSilenceMs: undefined }, (parts) => new LiveEngine(options, parts));
  }
}

class LiveEngine implements ContinuousEngine<LiveConnection> {
  readonly abilities = ENGINES.live;
  readonly output = OUTPUT;
  readonly controls: SessionControls;
  readonly #options: LiveOptions;
  readonly #parts: ContinuousParts;
  readonly #knows: LiveKnowledge;

  constructor(options: LiveOptions, parts: ContinuousParts) {
    const { config, instructions } = options;
    this.#options = options;
    this.#parts = parts;
    this.#knows = {
      ...{ config, instructions, model: config.model },
      ...{ transcribes: true, writes: false, contentEnds: 0 },
    };
    this.controls = {
      setInstructions: (changed) => {
        this.#knows.instructions = changed;
      },
      setVoice: (voice) => {
        checkLiveVoice(voice);
        this.#knows.config = { ...this.#knows.config, voice };
      },
      setSpeed: checkSpeed, // it has no other than its own
      setSpoken: () => undefined, // it always speaks, and is paid for it
      speak: () => undefined, // it says what it hears
    };
  }

  get transcribes(): boolean {
    return this.#knows.transcribes;
  }

  /** What is said is always written, at no cost; here it is told or not. */
  setTranscription(wanted: boolean): void {
    this.#knows.transcribes = wanted;
  }

  connection(parts: ConnectionParts): LiveConnection {
    const { open, clock } = this.#options;
    return new LiveConnection({ ...this.#parts, ...parts, open, clock, knows: this.#knows });
  }

  tick(): void {
    // its connections tell what they used
  }

  ended(): void {
    // likewise
  }
}
