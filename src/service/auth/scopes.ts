/** What a key or a signed-in person may do. */

/** Every scope. `admin` holds all the others. */
export const SCOPES = [
  'bots:read',
  'bots:write',
  'records:read',
  'records:erase',
  'agent:write',
  'admin',
] as const;
/** One thing that a caller may do. */
export type Scope = (typeof SCOPES)[number];

/** What people of a workspace are to it. */
export const ROLES = ['owner', 'admin', 'host', 'viewer'] as const;
/** What a person is to their workspace. */
export type Role = (typeof ROLES)[number];

const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  owner: ['admin'],
  admin: ['admin'],
  host: ['bots:read', 'bots:write', 'records:read', 'agent:write'],
  viewer: ['bots:read', 'records:read'],
};

/** What somebody of this role may do. */
export function scopesOf(role: Role): readonly Scope[] {
  return SCOPES_OF[role];
}

/** Whether these scopes allow it. */
export function allows(scopes: readonly string[], wanted: Scope): boolean {
  return scopes.includes('admin') || scopes.includes(wanted);
}

/** Who made a request, after their key or cookie was checked. */
export type Caller = {
  readonly workspaceId: string;
  readonly scopes: readonly Scope[];
} & (
  | { readonly kind: 'key'; readonly keyId: string; readonly name: string }
  | {
      readonly kind: 'session';
      readonly userId: string;
      readonly name: string;
      readonly role: Role;
      /** Hash of the session's secret: its name in the database. */
      readonly sessionHash: string;
    }
);

/** For the audit: `key:…` or `user:…`. */
export function actorOf(caller: Caller): string {
  return caller.kind === 'key' ? `key:${caller.keyId}` : `user:${caller.userId}`;
}
