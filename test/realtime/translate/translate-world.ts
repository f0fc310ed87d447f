import type { TranslateConfig } from '../../../src/realtime/translate/translate-config.js';
import { TranslateSession } from '../../../src/realtime/translate/translate-session.js';
import { ContinuousWorld, type WorldOptions } from '../continuous/continuous-world.js';
import { CONFIG } from './translate-fixture.js';

type TranslationWorldOptions = WorldOptions & { config?: Partial<TranslateConfig> };

/** A translation session against the embedded server. */
export class TranslationWorld extends ContinuousWorld {
  constructor(options: TranslationWorldOptions) {
    super(options, {
      sessions: 'translation',
      quietBelow: 1,
      make: (common) => new TranslateSession({ ...common, config: { ...CONFIG, ...options.config } }),
    });
  }

  /** A session that is ready. */
  static async ready(options: TranslationWorldOptions = {}): Promise<TranslationWorld> {
    return new TranslationWorld(options).connect();
  }
}
