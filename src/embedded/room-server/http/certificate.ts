/** The certificate and the secret of this installation: made on first use, kept where only their owner can read them. */
import { X509Certificate, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';
import { ParleyError } from '../../../errors.js';

const DAY_MS = 86_400_000;
const VALID_DAYS = 365;
const RENEW_BEFORE_DAYS = 30;
const CERTIFICATE_FILE = 'room-server.pem';
const SECRET_FILE = 'room-server.secret';
const SECRET_BYTES = 32;
const SECRET_PATTERN = /^[\w-]{43}$/;

/** A TLS identity: `certificatePem` is also what a client must trust. */
export type TlsIdentity = { certificatePem: string; privateKeyPem: string };

/** `$XDG_CACHE_HOME/parley`, or `~/.cache/parley` (the XDG base directory specification: a relative path is ignored). */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'parley');
}

async function privateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (cause) {
    throw new ParleyError(
      'config',
      `Cannot keep the room's certificate in ${folder}: make it writable, or set XDG_CACHE_HOME.`,
      { cause },
    );
  }
}

/** A file of its own first, then its final name: nobody ever reads half of one. */
async function withDraft(
  path: string,
  content: string,
  settle: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
    await settle(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

const replacePrivateFile = (path: string, content: string): Promise<void> =>
  withDraft(path, content, (draft) => rename(draft, path));

/** False when the file is there already. */
async function createPrivateFile(path: string, content: string): Promise<boolean> {
  try {
    await withDraft(path, content, (draft) => link(draft, path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    const content = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    return content;
  } catch {
    return undefined;
  }
}

/** The identity in a PEM file of ours, when it is whole, good for every name and far enough from its end. */
function usableIdentity(pem: string, names: readonly string[], nowMs: number): TlsIdentity | undefined {
  const certificatePem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0];
  const privateKeyPem = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/.exec(
    pem,
  )?.[0];
  if (certificatePem === undefined || privateKeyPem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(certificatePem);
    const renewAtMs = Date.parse(certificate.validTo) - RENEW_BEFORE_DAYS * DAY_MS;
    if (nowMs < Date.parse(certificate.validFrom) || nowMs >= renewAtMs) return undefined;
    const covers = (name: string): boolean =>
      (isIP(name) > 0 ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
    return names.every(covers) ? { certificatePem, privateKeyPem } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The certificate for `names` (host names and IP addresses) from `folder`, or a new one that is then kept there. It is a
 * leaf, not an authority: whoever trusts it trusts this server and nothing that its key could sign.
 * @throws ParleyError `config` when the folder cannot be written.
 */
export async function loadCertificate(
  folder: string,
  names: readonly string[],
  nowMs: number,
): Promise<TlsIdentity> {
  await privateFolder(folder);
  const path = join(folder, CERTIFICATE_FILE);
  const kept = await readPrivateFile(path);
  const usable = kept === undefined ? undefined : usableIdentity(kept, names, nowMs);
  if (usable !== undefined) return usable;
  const made = await generate([{ name: 'commonName', value: 'Parley embedded room' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) > 0 ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  await replacePrivateFile(path, `${made.private.trim()}\n${made.cert.trim()}\n`);
  return { certificatePem: made.cert, privateKeyPem: made.private };
}

/** The secret that signs this installation's tokens, from `folder` or new. */
export async function loadSecret(folder: string): Promise<string> {
  await privateFolder(folder);
  const path = join(folder, SECRET_FILE);
  const kept = await readSecret(path);
  if (kept !== undefined) return kept;
  const made = randomBytes(SECRET_BYTES).toString('base64url');
  if (!(await createPrivateFile(path, `${made}\n`))) {
    const others = await readSecret(path); // of processes that start at once, the first one's counts
    if (others !== undefined) return others;
    await replacePrivateFile(path, `${made}\n`);
  }
  return made;
}

async function readSecret(path: string): Promise<string | undefined> {
  const content = (await readPrivateFile(path))?.trim();
  return content !== undefined && SECRET_PATTERN.test(content) ? content : undefined;
}
