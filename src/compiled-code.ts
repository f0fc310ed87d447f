/**
 * What V8 made of a large script, kept in a file, so that the next process need not compile it again. Only its owner may have
 * written that file: whoever can change it decides what runs. Whatever is wrong with it, the script is compiled as if there were none.
 */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** Before what V8 wrote: checksums of it and of the source, which V8 does not make itself. */
const HEADER_BYTES = 16;

/** A script, and whether what was kept of it served. */
type Compiled = { script: Script; isFromFile: boolean };

/** The file of a script in `folder`: V8 takes what was compiled with the same options only, and those differ between our processes. */
export function keptAt(folder: string, name: string): string {
  return join(folder, 'code', `${name}-${crc32(process.execArgv.join('\n')).toString(16)}.v8`);
}

/** Compiles `source`, with what is kept at `path` where that is of this source and this V8. */
export function compileScript(
  source: string,
  { filename, columnOffset, path }: { filename: string; columnOffset: number; path: string | undefined },
): Compiled {
  const cachedData = path === undefined ? undefined : readKept(path, source);
  const options = { filename, columnOffset };
  if (cachedData === undefined) return { script: new Script(source, options), isFromFile: false };
  const script = new Script(source, { ...options, cachedData });
  return { script, isFromFile: script.cachedDataRejected === false };
}

/** Keeps what was compiled of a script until now. Where it cannot be written, the next process compiles again. */
export function keepScript(script: Script, source: string, path: string): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const data = script.createCachedData();
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(crc32(data), 0);
    header.writeUInt32LE(crc32(source), 4);
    writeFileSync(draft, Buffer.concat([header, data]), { mode: 0o600 });
    renameSync(draft, path); // nobody ever reads half of one
  } catch {
    // A folder that is read-only, or full, costs time and nothing else.
  }
}

/** Of a file of ours that nobody else can write, in a folder of which the same is true. */
function readKept(path: string, source: string): Buffer | undefined {
  try {
    if (![dirname(path), path].every(isOwn)) return undefined;
    const kept = readFileSync(path);
    const data = kept.subarray(HEADER_BYTES);
    const isWhole = kept.readUInt32LE(0) === crc32(data) && kept.readUInt32LE(4) === crc32(source);
    return isWhole ? data : undefined;
  } catch {
    return undefined;
  }
}

function isOwn(path: string): boolean {
  const { uid, mode } = statSync(path);
  return uid === process.geteuid?.() && (mode & 0o022) === 0;
}
