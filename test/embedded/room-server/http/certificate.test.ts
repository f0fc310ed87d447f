import { X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCertificate } from '../../../../src/embedded/room-server/http/certificate.js';
import { defaultCacheFolder, loadSecret } from '../../../../src/installation.js';
import { temporaryFolder } from '../harness.js';

const NAMES = ['localhost', '127.0.0.1', '::1'];
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 21);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('certificate of the embedded room', () => {
  it('is made on first use, for every name, and kept where only its owner reads it', async () => {
    const folder = join(temporaryFolder(), 'parley');
    const first = await loadCertificate(folder, NAMES, NOW_MS);
    const certificate = new X509Certificate(first.certificatePem);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.checkHost('example.com')).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(modeOf(folder)).toBe(0o700);
    expect(modeOf(join(folder, 'room-server.pem'))).toBe(0o600);
    const second = await loadCertificate(folder, NAMES, NOW_MS + 10 * DAY_MS);
    expect(second.certificatePem.trim()).toBe(first.certificatePem.trim());
    expect(second.privateKeyPem.trim()).toBe(first.privateKeyPem.trim());
  });

  it('is renewed a month before it ends, not earlier', async () => {
    const folder = temporaryFolder();
    const first = await loadCertificate(folder, NAMES, NOW_MS);
    const kept = await loadCertificate(folder, NAMES, NOW_MS + 334 * DAY_MS);
    expect(kept.certificatePem.trim()).toBe(first.certificatePem.trim());
    const renewed = await loadCertificate(folder, NAMES, NOW_MS + 336 * DAY_MS);
    expect(renewed.certificatePem).not.toBe(first.certificatePem);
    expect(Date.parse(new X509Certificate(renewed.certificatePem).validTo)).toBe(
      NOW_MS + (336 + 365) * DAY_MS,
    );
  });

  it('is made anew for a name that it does not have', async () => {
    const folder = temporaryFolder();
    await loadCertificate(folder, NAMES, NOW_MS);
    const other = await loadCertificate(folder, [...NAMES, '192.168.7.9'], NOW_MS);
    expect(new X509Certificate(other.certificatePem).checkIP('192.168.7.9')).toBe('192.168.7.9');
  });

  it.each(['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'replaces a file that holds none: %j',
    async (content) => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'room-server.pem'), content);
      const made = await loadCertificate(folder, NAMES, NOW_MS);
      expect(new X509Certificate(made.certificatePem).checkHost('localhost')).toBe('localhost');
      expect(readFileSync(join(folder, 'room-server.pem'), 'utf8')).toContain(made.certificatePem.trim());
    },
  );

  it('leaves no drafts behind when several start at once', async () => {
    const folder = temporaryFolder();
    await Promise.all([1, 2, 3].map(() => loadCertificate(folder, NAMES, NOW_MS)));
    const secrets = await Promise.all([1, 2, 3].map(() => loadSecret(folder)));
    expect(new Set(secrets).size).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(['room-server.pem', 'room-server.secret']);
  });

  it('closes what was open to others', async () => {
    const folder = temporaryFolder();
    await loadCertificate(folder, NAMES, NOW_MS);
    await loadSecret(folder);
    chmodSync(folder, 0o755);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    await loadCertificate(folder, NAMES, NOW_MS);
    await loadSecret(folder);
    expect(modeOf(folder)).toBe(0o700);
    for (const name of readdirSync(folder)) expect(modeOf(join(folder, name))).toBe(0o600);
  });

  it('says where it cannot be kept', async () => {
    const file = join(temporaryFolder(), 'a-file');
    writeFileSync(file, '');
    await expect(loadCertificate(join(file, 'parley'), NAMES, NOW_MS)).rejects.toThrow(/XDG_CACHE_HOME/);
  });
});

describe('secret of the installation', () => {
  it('is one of 256 bits, and stays', async () => {
    const folder = temporaryFolder();
    const secret = await loadSecret(folder);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(await loadSecret(folder)).toBe(secret);
    expect(modeOf(join(folder, 'room-server.secret'))).toBe(0o600);
    expect(await loadSecret(temporaryFolder())).not.toBe(secret);
  });

  it('is replaced when the file is broken', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'room-server.secret'), 'short');
    expect(await loadSecret(folder)).toHaveLength(43);
  });
});

describe('cache folder', () => {
  it('is where XDG says, and a relative path there is no answer', () => {
    expect(defaultCacheFolder({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/parley');
    expect(defaultCacheFolder({ XDG_CACHE_HOME: 'relative' })).toMatch(/\/\.cache\/parley$/);
    expect(defaultCacheFolder({})).toMatch(/\/\.cache\/parley$/);
  });
});
