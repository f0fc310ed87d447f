/** Where recordings begin that are joined in one Matroska or WebM file (RFC 9559, RFC 8794). */
import { blockReader, type ByteSource } from './byte-source.js';

/** The head of a recording, by its identifier. */
const EBML = 0x1a45dfa3;
/** Elements that may not say how long they are, and end with the next one of their kind or above it. */
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
/** An identifier of four bytes, and a size of eight. */
const ELEMENT_HEADER_BYTES = 12;

/** Where each recording but the first begins. Goes over the elements of a file; what they hold is passed over. */
export function joinedMatroskas(bytes: ByteSource): number[] {
  const starts: number[] = [];
  const bytesAt = blockReader(bytes);
  for (let at = 0; at < bytes.sizeBytes;) {
    const element = elementOf(bytesAt(at, ELEMENT_HEADER_BYTES));
    if (element === undefined) break; // not what the format says
    const { id, headerBytes, contentBytes } = element;
    if (id === EBML && at > 0) starts.push(at);
    if (contentBytes === undefined && id !== SEGMENT && id !== CLUSTER) break;
    at += headerBytes + (contentBytes ?? 0);
  }
  return starts;
}

/** An element's head; `contentBytes` is undefined where it does not say. */
type Element = { id: number; headerBytes: number; contentBytes: number | undefined };

function elementOf(header: Buffer): Element | undefined {
  const idBytes = lengthOf(header[0]);
  const sizeBytes = lengthOf(header[idBytes]);
  const headerBytes = idBytes + sizeBytes;
  if (idBytes > 4 || headerBytes > header.length) return undefined;
  const id = header.readUIntBE(0, idBytes);
  const marked = BigInt(`0x${header.toString('hex', idBytes, headerBytes)}`);
  const unknown = (1n << BigInt(7 * sizeBytes)) - 1n;
  const size = marked & unknown;
  return { id, headerBytes, contentBytes: size === unknown ? undefined : Number(size) };
}

/** How many bytes a number takes by its first one; more than there can be where it says nothing. */
function lengthOf(first: number | undefined): number {
  return first === undefined || first === 0 ? Infinity : Math.clz32(first) - 23;
}
