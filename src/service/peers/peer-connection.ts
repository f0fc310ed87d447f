/**
 * How machines of one service reach each other: TLS with a key that is made of the service's secret, which both ends prove to
 * have. There are no certificates; what was recorded cannot be read later (ephemeral keys), whoever learns the secret.
 */
import { hkdfSync } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { ParleyError } from '../../errors.js';

const IDENTITY = 'parley';
/** The only one that has both a shared key and ephemeral ones, and is no older construction. TLS 1.3 of Node has no shared keys. */
const TLS = { ciphers: 'ECDHE-PSK-CHACHA20-POLY1305', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const ANY_ADDRESS = ['0.0.0.0', '::'];

/** Nobody but other processes of this machine, at any free port. */
export const OWN_MACHINE = '127.0.0.1:0';

/** Where a machine listens for others. */
export type PeerAddress = { readonly host: string; readonly port: number };

/** Options of the end that listens. */
export function peerServerTls(serviceSecret: string): TlsOptions {
  const key = keyOf(serviceSecret);
  return { ...TLS, pskCallback: (_, identity) => (identity === IDENTITY ? key : null) };
}

/** Options of the end that connects. */
export function peerClientTls(serviceSecret: string): ConnectionOptions {
  const psk = keyOf(serviceSecret);
  return {
    ...TLS,
    pskCallback: () => ({ psk, identity: IDENTITY }),
    checkServerIdentity: () => undefined, // who has the key is one of us
  };
}

/**
 * Reads `host:port`; `:8711` is this machine's own address in its network. Throws ParleyError `usage` for what others cannot
 * connect to.
 */
export function parsePeerAddress(text: string): PeerAddress {
  const match = /^(?:\[([\da-fA-F:]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port > 65_535 || ANY_ADDRESS.includes(host))
    throw new ParleyError(
      'usage',
      '--peer-address is what other machines connect to, such as 10.0.0.5:8711, or :8711 for this machine’s own address',
    );
  return { host: host === '' ? ownAddress() : host, port };
}

/** As it is told to others. */
export function peerAddressText({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
  if (own !== undefined) return own.address;
  throw new ParleyError('usage', '--peer-address: this machine has no address in a network; name one');
}

function keyOf(serviceSecret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', serviceSecret, 'parley', 'machines of one service', 32));
}
