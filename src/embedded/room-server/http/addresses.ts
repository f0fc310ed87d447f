/** Under which addresses a room can be reached: loopback, unless it was told a host. */
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { isLoopbackHost } from '../../http/http-guard.js';
import type { MediaAddresses } from '../sfu/transport.js';

type RoomAddresses = {
  /** Names and addresses that the certificate is for. */
  certificateNames: readonly string[];
  /** The same as they stand in a `Host` header. */
  hostNames: readonly string[];
  /** Where media goes; clients are told addresses, not names. */
  media: MediaAddresses;
  /** The name in the server's own address. */
  publicName: string;
};

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

const inHostHeader = (name: string): string => (isIP(name) === 6 ? `[${name}]` : name.toLowerCase());

/** IPv4 addresses of this machine that others can reach. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** `host` is what the server listens on: a loopback name, an address of this machine, or 0.0.0.0 for all of them. */
export function roomAddresses(host: string): RoomAddresses {
  if (isLoopbackHost(host)) {
    return {
      certificateNames: LOOPBACK,
      hostNames: LOOPBACK.map(inHostHeader),
      media: { bindAddress: '127.0.0.1', announcedAddresses: ['127.0.0.1'] },
      publicName: 'localhost',
    };
  }
  const all = host === '0.0.0.0' || host === '::';
  const reachable = all || isIP(host) === 0 ? ownAddresses() : [host];
  const names = [...new Set([...LOOPBACK, ...(all ? [hostname()] : [host]), ...reachable])];
  return {
    certificateNames: names,
    hostNames: names.map(inHostHeader),
    media: {
      bindAddress: reachable.length === 1 && !all ? reachable[0]! : '0.0.0.0',
      announcedAddresses: all ? [...reachable, '127.0.0.1'] : reachable,
    },
    publicName: inHostHeader(all ? (reachable[0] ?? 'localhost') : host),
  };
}
