/** How much memory is kept, garbage collected first: what a run left lying about depends on when the machine tidies up. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** All of it, at once. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of live objects on the heap, and of the buffers beside it. */
export function keptMemory(): { heapBytes: number; bufferBytes: number } {
  collectGarbage();
  collectGarbage(); // what the first one found of buffers is given back beside it, and by the next one at the latest
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapBytes: heapUsed, bufferBytes: arrayBuffers };
}
