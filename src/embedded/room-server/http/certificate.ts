/** The certificate of this installation's embedded room: made on first use, kept where only its owner can read it. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { privateFolder, readPrivateFile, replacePrivateFile } from '../../../installation.js';

const DAY_MS = 86_400_000;
const VALID_DAYS = 365;
const RENEW_BEFORE_DAYS = 30;
const CERTIFICATE_FILE = 'room-server.pem';

/** A TLS identity: `certificatePem` is also what a client must trust. */
type TlsIdentity = { certificatePem: string; privateKeyPem: string };

/** Where the certificate is kept, with its key. */
export function certificatePath(folder: string): string {
  return join(folder, CERTIFICATE_FILE);
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
  const path = certificatePath(folder);
  const kept = await readPrivateFile(path);
  const usable = kept === undefined ? undefined : usableIdentity(kept, names, nowMs);
  if (usable !== undefined) return usable;
  const { generate } = await import('selfsigned'); // once a year
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
