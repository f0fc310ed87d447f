import { Option } from 'commander';

/** Where other machines of a service reach this one. */
export function peerAddressOption(): Option {
  return new Option(
    '--peer-address <host:port>',
    'where the other machines of the service reach this one, by TLS with PARLEY_SERVICE_SECRET; :8711 for its own address ' +
      '(default: only this machine does)',
  );
}
