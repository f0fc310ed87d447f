/** The OpenID provider of `parley serve`. Its secret comes from the environment alone. */
import { Option } from 'commander';
import { type OidcSettings, oidcSettingsOf } from '../../service/auth/oidc/oidc-settings.js';
import type { ProcessSettings } from '../../settings/process-settings.js';

/** Flags that name a provider; each goes before its variable. */
export type OidcFlags = {
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  readonly oidcName?: string;
  readonly oidcAllow: readonly string[];
};

/** The flags. */
export function oidcOptions(): readonly Option[] {
  return [
    new Option('--oidc-issuer <url>', 'OpenID provider that people sign in by; also PARLEY_OIDC_ISSUER'),
    new Option('--oidc-client-id <id>', 'how it knows the service; the secret is PARLEY_OIDC_CLIENT_SECRET'),
    new Option('--oidc-name <name>', 'what it is called on the button (default: its host)'),
    new Option(
      '--oidc-allow <list>',
      'who may sign in by it without having been added: example.com, ana@example.com=admin (repeatable; roles: admin, host, viewer)',
    )
      .argParser((list: string, before: readonly string[]) => [...before, list])
      .default([], 'people who were added'),
  ];
}

/** The provider; undefined where none is named. Throws ParleyError `config` for what cannot be used. */
export function oidcOf(flags: OidcFlags, config: ProcessSettings): OidcSettings | undefined {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcName, oidcAllow } = config;
  return oidcSettingsOf({
    issuer: flags.oidcIssuer ?? oidcIssuer,
    clientId: flags.oidcClientId ?? oidcClientId,
    clientSecret: oidcClientSecret,
    name: flags.oidcName ?? oidcName,
    allow: flags.oidcAllow.length > 0 ? flags.oidcAllow : oidcAllow === undefined ? [] : [oidcAllow],
  });
}
