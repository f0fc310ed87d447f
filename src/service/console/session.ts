/** Who is signed in, and what they may do. */
import { auth, type Me, type SignInMethods } from './api/auth.js';
import { ApiProblem, request } from './api/client.js';

class Session {
  /** Undefined where nobody is signed in. */
  me: Me | undefined;
  workspaceName = '';
  /** A stand-in interprets here, which knows some phrases only. */
  standIn = false;
  methods: SignInMethods = { passkeys: false };
  readonly #listeners = new Set<() => void>();

  allows(scope: string): boolean {
    const { scopes = [] } = this.me ?? {};
    return scopes.includes('admin') || scopes.includes(scope);
  }

  get mayInvite(): boolean {
    return this.allows('bots:write');
  }

  get isAdmin(): boolean {
    return this.allows('admin');
  }

  /** Calls `listener` whenever something of it changes; the answer ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Nobody is signed in any more. */
  signedOut(): void {
    if (this.me === undefined) return;
    this.me = undefined;
    this.#tell();
  }

  /** Asks the service. Throws ApiProblem where it does not answer. */
  async load(): Promise<void> {
    this.methods = await auth.methods();
    try {
      this.me = await auth.me();
      const { name, standIn } = await request<{ name: string; standIn?: boolean }>('GET', '/v1/workspace');
      this.workspaceName = name;
      this.standIn = standIn === true;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'unauthenticated') throw error;
      this.me = undefined;
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The session of this window. */
export const session = new Session();
