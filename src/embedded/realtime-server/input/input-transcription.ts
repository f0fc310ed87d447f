import type { Clock, TimerHandle } from '../../../clock.js';
import type { JsonObject } from '../config/checks.js';
import type { FaultState } from '../server/faults.js';
import type { UserItem } from '../items/items.js';
import { textPieces } from '../responses/reply-plan.js';
import type { Reply } from '../responses/responder.js';
import type { SessionConfig } from '../config/session-config.js';
import { textTokens } from '../responses/usage.js';

const PIECES_PER_DELTA = 4;

/** What transcription needs of its session. */
interface TranscriptionHost {
  readonly clock: Clock;
  readonly config: SessionConfig;
  readonly faults: FaultState;
  readonly delayMs: number;
  send(type: string, fields: JsonObject): void;
  /** Whether the item is still in the conversation. */
  holds(itemId: string): boolean;
}

function logprobs(piece: string): JsonObject[] {
  return [{ token: piece, bytes: [...Buffer.from(piece)], logprob: -0.01 }];
}

function usage(model: string, text: string, durationMs: number): JsonObject {
  if (model.startsWith('whisper')) return { type: 'duration', seconds: Math.ceil(durationMs / 1000) };
  const audio_tokens = Math.ceil(durationMs / 100);
  const output_tokens = textTokens(text);
  return {
    type: 'tokens',
    total_tokens: audio_tokens + output_tokens,
    input_tokens: audio_tokens,
    input_token_details: { text_tokens: 0, audio_tokens },
    output_tokens,
  };
}

/** The model whose transcripts come with the languages heard (openai@7.55.0, InputAudioTranscriptionCompletedEvent). */
const LANGUAGE_MODEL = 'gpt-transcribe';

/** What was said, and in which language where that is known. */
export type Transcript = Pick<Reply, 'sourceText' | 'sourceLanguage'>;

/**
 * Transcripts of what the user said: asynchronous, by a model of their own, so they may come before or after the reply.
 */
export class InputTranscription {
  readonly #host: TranscriptionHost;
  readonly #timers = new Set<TimerHandle>();

  constructor(host: TranscriptionHost) {
    this.#host = host;
  }

  /** A transcript is on its way. */
  get busy(): boolean {
    return this.#timers.size > 0;
  }

  /** Transcribes the audio of `item` as `transcript`, after the modelled delay. Configuration is that of this moment. */
  start(item: UserItem, transcript: Transcript): void {
    const { clock, config, delayMs, faults } = this.#host;
    const model = config.audio.input.transcription?.model ?? '';
    const withLogprobs = config.include?.includes('item.input_audio_transcription.logprobs') === true;
    const fault = faults.strike('failTranscriptions');
    const timer = clock.setTimer(() => {
      this.#timers.delete(timer);
      if (!this.#host.holds(item.id)) return;
      if (fault === undefined) this.#deliver(item, transcript, model, withLogprobs);
      else this.#fail(item, fault.message ?? 'Input transcription failed.');
    }, delayMs);
    this.#timers.add(timer);
  }

  /** The session is over: nothing more is sent. */
  abandon(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #deliver(
    item: UserItem,
    { sourceText: transcript, sourceLanguage }: Transcript,
    model: string,
    withLogprobs: boolean,
  ): void {
    const at = { item_id: item.id, content_index: 0 };
    const type = 'conversation.item.input_audio_transcription';
    const pieces = textPieces(transcript);
    for (let from = 0; from < pieces.length; from += PIECES_PER_DELTA) {
      const delta = pieces.slice(from, from + PIECES_PER_DELTA).join('');
      this.#host.send(`${type}.delta`, {
        ...at,
        delta,
        ...(withLogprobs ? { logprobs: logprobs(delta) } : {}),
      });
    }
    const part = item.parts[0];
    const durationMs = part?.type === 'input_audio' ? part.durationMs : 0;
    if (part?.type === 'input_audio') part.transcript = transcript;
    this.#host.send(`${type}.completed`, {
      ...at,
      transcript,
      usage: usage(model, transcript, durationMs),
      ...(model === LANGUAGE_MODEL
        ? { languages: sourceLanguage === undefined ? [] : [{ code: sourceLanguage }] }
        : {}),
      ...(withLogprobs ? { logprobs: pieces.flatMap(logprobs) } : {}),
    });
  }

  #fail(item: UserItem, message: string): void {
    const error = { type: 'server_error', code: 'transcription_failed', message };
    this.#host.send('conversation.item.input_audio_transcription.failed', {
      item_id: item.id,
      content_index: 0,
      error,
    });
  }
}
