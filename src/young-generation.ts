import { setFlagsFromString } from 'node:v8';

/** What a command needs is loaded by then, and a meeting is joined. */
const LOADED_AFTER_MS = 10_000;

/**
 * Keeps V8's young generation small while modules load: it grows to 32 MB then, and keeps that for good. It may grow when a
 * meeting asks for it.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setTimeout(() => {
    setFlagsFromString('--semi-space-growth-factor=2');
  }, LOADED_AFTER_MS).unref();
}
