import type { Caller } from './scopes.js';

/** Somebody who showed nothing, at an endpoint that asks for nothing. */
export const NO_CALLER: Caller = { kind: 'key', keyId: '', name: 'nobody', workspaceId: '', scopes: [] };
