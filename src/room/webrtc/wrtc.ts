/** Loads the native WebRTC addon, which this process must then leave by `process.exit`: a natural end crashes. */
import { createRequire } from 'node:module';
import { messageOf, ParleyError } from '../../errors.js';
import type { Wrtc } from './wrtc-types.js';

let loaded: Wrtc | undefined;

/** The addon, loaded on the first call. */
export function loadWrtc(): Wrtc {
  if (loaded !== undefined) return loaded;
  let wrtc: Wrtc;
  try {
    wrtc = createRequire(import.meta.url)('wrtc') as Wrtc;
  } catch (error) {
    throw new ParleyError(
      'internal',
      `WebRTC could not be loaded on ${process.platform}-${process.arch}: ${messageOf(error).split('\n', 1)[0] ?? ''}; reinstall with optional dependencies`,
      { cause: error },
    );
  }
  // wrtc has no getConstraints, and the SDK calls it on every microphone track (videosdk.js line 18043).
  const prototype = wrtc.MediaStreamTrack.prototype as { getConstraints?: () => object };
  prototype.getConstraints ??= () => ({});
  loaded = wrtc;
  return wrtc;
}
