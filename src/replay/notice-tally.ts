import type { SessionNotice } from '../realtime/session.js';

/** Different things that are told of one run; what comes beyond is counted. */
const MAX_LINES = 50;

/** What a session reported during a run, each thing once with how often it came: bounded, however talkative a server is. */
export class NoticeTally {
  readonly #notices = new Map<string, { message: string; count: number }>();
  #beyond = 0;

  /** Takes one notice. Of drops the last one counts, since it tells their total; what had become moot is left out. */
  add({ kind, message }: SessionNotice): void {
    if (kind === 'benign_error') return;
    if (kind === 'audio_dropped') {
      this.#notices.set(kind, { message, count: 1 });
      return;
    }
    const key = `${kind} ${message}`;
    const known = this.#notices.get(key);
    if (known !== undefined) known.count++;
    else if (this.#notices.size < MAX_LINES) this.#notices.set(key, { message, count: 1 });
    else this.#beyond++;
  }

  /** One line each, in the order in which they first came. */
  lines(): string[] {
    const lines = [...this.#notices.values()].map(({ message, count }) =>
      count === 1 ? message : `${message} (${count} times)`,
    );
    if (this.#beyond > 0) lines.push(`and ${this.#beyond} more notices of the session`);
    return lines;
  }
}
