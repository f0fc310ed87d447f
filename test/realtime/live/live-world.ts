import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { buildLiveInstructions } from '../../../src/interpreter/instructions/instructions.js';
import { DEFAULT_LIVE_SETTINGS, type LiveConfig } from '../../../src/realtime/live/live-config.js';
import { LiveSession } from '../../../src/realtime/live/live-session.js';
import {
  ContinuousWorld,
  type Translation,
  whole,
  type WorldOptions,
} from '../continuous/continuous-world.js';

await Promise.all([loadResampler(), loadSpeechDetector()]);

export const LIVE_CONFIG: LiveConfig = { ...DEFAULT_LIVE_SETTINGS, language: 'en' };
export const LIVE_INSTRUCTIONS = buildLiveInstructions({ speaker: { name: 'Ana' }, from: ['es'], to: 'en' });

/** What the session takes for silence. */
const QUIET_BELOW = 100;

/** What is expected of phrases that were translated once, and heard whole but for what nobody hears. */
export function wholeOf(ids: readonly string[]): Translation[] {
  return whole(ids, QUIET_BELOW);
}

type LiveWorldOptions = WorldOptions & { config?: Partial<LiveConfig> };

/** A live session against the embedded server. */
export class LiveWorld extends ContinuousWorld {
  constructor(options: LiveWorldOptions = {}) {
    super(options, {
      sessions: 'live',
      quietBelow: QUIET_BELOW,
      make: (common) =>
        new LiveSession({
          ...common,
          config: { ...LIVE_CONFIG, ...options.config },
          instructions: LIVE_INSTRUCTIONS,
        }),
    });
  }

  /** A session that is ready. */
  static async ready(options: LiveWorldOptions = {}): Promise<LiveWorld> {
    return new LiveWorld(options).connect();
  }

  /** What the session was billed until now. */
  billedMs(): number {
    return this.emitted.usage.reduce((sum, usage) => sum + ('audioMs' in usage ? usage.audioMs : 0), 0);
  }
}
