/** Which OpenID provider people sign in by, and who of its people may. Pure. */
import { ParleyError } from '../../../errors.js';
import { isLoopbackHostname } from '../../../outgoing/loopback.js';
import { plain } from '../../../text.js';
import { ROLES, type Role } from '../scopes.js';

/** What somebody new becomes; nobody becomes the owner so. */
type NewRole = Exclude<Role, 'owner'>;

/** A provider and its people. */
export type OidcSettings = {
  /** As the provider writes itself: an https address, or http on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** As people know it. */
  readonly name: string;
  /** Who may sign in without having been added, by their verified address. */
  readonly allowed: readonly AllowedPeople[];
};

/** An address, or all addresses of a domain. */
export type AllowedPeople = {
  readonly kind: 'address' | 'domain';
  /** In small letters. */
  readonly value: string;
  readonly role: NewRole;
};

/** What somebody who runs the service wrote. */
export type OidcGiven = {
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly name?: string | undefined;
  /** `example.com`, `example.com=viewer`, `ana@example.com=admin`; several are separated by commas. */
  readonly allow?: readonly string[] | undefined;
};

const MAX_NAME_CHARS = 60;
const USUAL_ROLE: NewRole = 'host';
const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d-]{2,63}$/;
const ADDRESS = /^[^\s@<>,;=]{1,64}@[^\s@]+$/;

/** The settings; undefined where nothing names a provider. Throws ParleyError `config` for what cannot be used. */
export function oidcSettingsOf(given: OidcGiven): OidcSettings | undefined {
  const { issuer, clientId, clientSecret, name, allow = [] } = given;
  const allowed = allow.flatMap((list) => list.split(',')).filter((entry) => entry.trim() !== '');
  if (issuer === undefined) {
    const other = clientId ?? clientSecret ?? name ?? allowed[0];
    if (other === undefined) return undefined;
    throw wrong('sign-in by an OpenID provider is half set up: name the provider by PARLEY_OIDC_ISSUER, too');
  }
  if (clientId === undefined)
    throw wrong('PARLEY_OIDC_ISSUER names a provider: set PARLEY_OIDC_CLIENT_ID, too');
  if (clientSecret === undefined)
    throw wrong(
      'PARLEY_OIDC_ISSUER names a provider: set PARLEY_OIDC_CLIENT_SECRET, too, in the environment only',
    );
  const shownName = plain(name ?? '').trim();
  if (shownName.length > MAX_NAME_CHARS)
    throw wrong(`PARLEY_OIDC_NAME has at most ${MAX_NAME_CHARS} characters: it stands on a button`);
  const address = checkedIssuer(issuer);
  return {
    ...{ issuer: address, clientId, clientSecret, allowed: allowed.map(allowedPeople) },
    name: shownName === '' ? new URL(address).host : shownName,
  };
}

/** What somebody new with this address becomes; undefined where they are not expected. An entry for the address goes before. */
export function roleOf({ allowed }: Pick<OidcSettings, 'allowed'>, address: string): NewRole | undefined {
  const own = address.toLowerCase();
  const domain = own.slice(own.lastIndexOf('@') + 1);
  const found =
    allowed.find(({ kind, value }) => kind === 'address' && value === own) ??
    allowed.find(({ kind, value }) => kind === 'domain' && value === domain);
  return found?.role;
}

function checkedIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHostname(url.hostname));
  if (url === undefined || !isSafe || url.username + url.password + url.search + url.hash !== '')
    throw wrong(
      'PARLEY_OIDC_ISSUER is an https address without user, ? and #, as the provider writes itself, such as https://accounts.example.com',
    );
  if (url.pathname.includes('/.well-known/'))
    throw wrong('PARLEY_OIDC_ISSUER is the provider itself: leave /.well-known/… out');
  return text;
}

function allowedPeople(entry: string): AllowedPeople {
  const [who = '', role = USUAL_ROLE, ...rest] = entry
    .trim()
    .toLowerCase()
    .split('=')
    .map((part) => part.trim());
  const shown = plain(entry.trim()).slice(0, 100);
  if (role === 'owner')
    throw wrong(`PARLEY_OIDC_ALLOW: ${shown}: the owner is made by the set-up link, not by a provider`);
  if (rest.length > 0 || !isNewRole(role))
    throw wrong(
      `PARLEY_OIDC_ALLOW: ${shown}: behind = stands admin, host or viewer, such as example.com=viewer`,
    );
  const value = who.replace(/^@/, '');
  if (ADDRESS.test(value)) return { kind: 'address', value, role };
  if (DOMAIN.test(value)) return { kind: 'domain', value, role };
  throw wrong(
    `PARLEY_OIDC_ALLOW: ${shown} is no domain and no address: write example.com or ana@example.com (each subdomain by itself)`,
  );
}

function isNewRole(role: string): role is NewRole {
  return role !== 'owner' && (ROLES as readonly string[]).includes(role);
}

function wrong(message: string): ParleyError {
  return new ParleyError('config', message);
}
