import { redactText } from '../redaction.js';

const MAX_BYTES = 64 * 1024;

/** The last of what a process wrote to stdout and stderr, without keys. */
export class OutputRing {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #cut = false;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk.length > MAX_BYTES ? chunk.subarray(-MAX_BYTES) : chunk);
    this.#bytes += Math.min(chunk.length, MAX_BYTES);
    while (this.#bytes - this.#chunks[0]!.length >= MAX_BYTES) {
      this.#bytes -= this.#chunks.shift()!.length;
      this.#cut = true;
    }
  }

  /** As text. Where its beginning is missing it begins with a whole line: half of one might hold half of a key. */
  text(secrets: readonly string[]): string {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    const whole = this.#cut ? text.slice(text.indexOf('\n') + 1) : text;
    return redactText(whole, secrets);
  }
}
