/** The voices of one meeting: which of them speaks a language, and which of them a person hears. */
import type { BargeInPolicy } from '../interpreter/barge-in.js';
import { Voice } from '../interpreter/voice.js';
import type { LanguageTag } from '../languages/languages.js';

/** See the file's comment. One voice, which speaks every language and which everyone hears. */
export class Voices {
  readonly #one: Voice;

  constructor(options: { bargeIn: BargeInPolicy }) {
    this.#one = new Voice({ bargeIn: options.bargeIn });
  }

  /** The voice of the interpreter's own track. */
  get main(): Voice {
    return this.#one;
  }

  /** Every voice there is. */
  get all(): readonly Voice[] {
    return [this.#one];
  }

  /** The voice that speaks this language; undefined where it is read in captions only. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- one voice speaks them all
  voiceFor(_to: LanguageTag): Voice | undefined {
    return this.#one;
  }

  /** The voices that this person hears. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- everyone hears the one voice
  heardBy(_participantId: string): readonly Voice[] {
    return [this.#one];
  }
}
