import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation as small as it is when a process starts. It would grow to 32 MB while modules load, or whenever much
 * is kept for a while, and would stay so. What meetings and replays make is garbage at once or kept for long: a larger one saves
 * them nothing.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
