/** A fault: what a socket writes leaves in small packets, so that frames arrive in pieces. */
import type { Duplex } from 'node:stream';
import type { FaultState } from '../server/faults.js';

type WriteCallback = (error?: Error | null) => void;

/** From now on writes of `stream` are cut while the fault is in force. Order is kept; ending the stream flushes first. */
export function splitPackets(stream: Duplex, faults: FaultState): void {
  const write = stream.write.bind(stream) as (chunk: Buffer, callback?: WriteCallback) => boolean;
  const end = stream.end.bind(stream) as (...args: unknown[]) => Duplex;
  const pieces: { bytes: Buffer; callback: WriteCallback | undefined }[] = [];
  let scheduled: NodeJS.Immediate | undefined;

  const writeNext = (): void => {
    scheduled = undefined;
    const piece = pieces.shift();
    if (piece === undefined || stream.destroyed) return;
    write(piece.bytes, piece.callback);
    if (pieces.length > 0) scheduled = setImmediate(writeNext);
  };

  stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const callback = rest.find((entry) => typeof entry === 'function') as WriteCallback | undefined;
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as Uint8Array | string);
    const size = faults.packetBytes;
    if (size === undefined && pieces.length === 0) return write(bytes, callback);
    const step = Math.max(1, size ?? bytes.length);
    for (let at = 0; at < bytes.length; at += step) {
      const last = at + step >= bytes.length;
      pieces.push({ bytes: bytes.subarray(at, at + step), callback: last ? callback : undefined });
      faults.counts.splitPackets++;
    }
    scheduled ??= setImmediate(writeNext);
    return true;
  };
  stream.end = (...args: unknown[]): Duplex => {
    if (scheduled !== undefined) clearImmediate(scheduled);
    for (const piece of pieces.splice(0)) write(piece.bytes, piece.callback);
    return end(...args);
  };
}
