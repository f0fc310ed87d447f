/** A server's voice activity detection, as documented: it counts the samples written to its buffer and nothing else. */
import type { ScriptedConnection, SentEvent } from './scripted-transport.js';

const SAMPLES_PER_MS = 24;
const WINDOW_SAMPLES = 10 * SAMPLES_PER_MS;
const LOUD = 1_000;

/** Attach through ScriptedServerOptions.onEvent. Speech is whatever is loud; windows are 10 ms. */
export class FakeVad {
  readonly #prefixPaddingMs: number;
  readonly #silenceDurationMs: number;
  readonly #window = new Int16Array(WINDOW_SAMPLES);
  #filled = 0;
  #windows = 0;
  #itemId: string | undefined;
  #items = 0;
  #silentMs = 0;
  #committedMs = 0;
  /**
   * After a commit by the client of speech that goes on: the same speech, its item named when it stops (as documented), speech
   * that starts anew, or the announced item for the rest and one of its own for what was committed.
   */
  afterCommit: 'goes_on' | 'starts_anew' | 'keeps_item' = 'goes_on';
  /** Commits by itself after enough silence; false: only when told to. */
  commits = true;

  constructor(prefixPaddingMs = 300, silenceDurationMs = 500) {
    this.#prefixPaddingMs = prefixPaddingMs;
    this.#silenceDurationMs = silenceDurationMs;
  }

  readonly onEvent = (event: SentEvent, connection: ScriptedConnection): void => {
    if (event.type === 'input_audio_buffer.commit') this.#commit(connection, true);
    if (event.type === 'input_audio_buffer.append') this.hear(connection.appends.at(-1)!, connection);
  };

  hear(pcm: Int16Array, connection: ScriptedConnection): void {
    for (const sample of pcm) {
      this.#window[this.#filled++] = sample;
      if (this.#filled < WINDOW_SAMPLES) continue;
      this.#filled = 0;
      this.#windows++;
      this.#onWindow(connection);
    }
  }

  #onWindow(connection: ScriptedConnection): void {
    const nowMs = this.#windows * 10;
    const loud = this.#window.some((sample) => Math.abs(sample) > LOUD);
    if (this.#itemId === undefined) {
      if (!loud) return;
      this.#itemId = `item_${++this.#items}`;
      this.#silentMs = 0;
      connection.speechStarted(this.#itemId, Math.max(this.#committedMs, nowMs - 10 - this.#prefixPaddingMs));
      return;
    }
    this.#silentMs = loud ? 0 : this.#silentMs + 10;
    if (this.#silentMs >= this.#silenceDurationMs && this.commits) {
      connection.say({
        type: 'input_audio_buffer.speech_stopped',
        item_id: this.#itemId,
        audio_end_ms: nowMs,
      });
      this.#commit(connection);
    }
  }

  #commit(connection: ScriptedConnection, byClient = false): void {
    if (this.#itemId === undefined) {
      connection.error({ code: 'input_audio_buffer_commit_empty', message: 'empty' });
      return;
    }
    const itemId = this.#itemId;
    const next = `item_${this.#items + 1}`;
    this.#committedMs = this.#windows * 10;
    if (!byClient || this.afterCommit === 'starts_anew') this.#itemId = undefined;
    else {
      this.#items++;
      if (this.afterCommit === 'goes_on') this.#itemId = next;
      else return connection.committed(next);
    }
    connection.committed(itemId);
  }
}
