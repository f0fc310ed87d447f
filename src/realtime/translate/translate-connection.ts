import { BoundedMap } from '../../bounded-map.js';
import { ParleyError } from '../../errors.js';
import { judgeServerError } from '../connection/server-errors.js';
import { endedByServer } from '../connection/session-failures.js';
import { oneLine } from '../../text.js';
import type { TranslateClientEvent } from '../protocol/translate-client-events.js';
import {
  parseTranslateEvent,
  type TranslateServerEvent,
  type TranslateServerEventOf,
} from '../protocol/translate-server-events.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';
import { CONTINUOUS_CHUNK_MS } from '../continuous/continuous-input.js';
import type { ContinuousConnection } from '../continuous/continuous-connections.js';
import { ServerConnection, type ServerConnectionParts } from '../continuous/server-connection.js';
import { type TranslateConfig, translateSessionOf, translationTranscriptionOf } from './translate-config.js';

/** How long a connection may take to say what it has left: 4 s were seen, with most of the audio in them. */
const FINISH_MS = 15_000;
const REMEMBERED_UPDATES = 64;

/** What a connection is made of. */
type TranslateConnectionOptions = ServerConnectionParts & {
  config: TranslateConfig;
  /** Whether what the speaker says is to be transcribed, as of now. */
  transcribes: () => boolean;
};

type TextFamily = 'session.output_transcript.delta' | 'response.text.delta';

/**
 * One connection to a translation server with its way up: language and transcription confirmed before any audio (the default
 * is Spanish), the two families of event names, its signs of life, its errors, and its end.
 */
export class TranslateConnection
  extends ServerConnection<TranslateServerEvent, TranslateClientEvent>
  implements ContinuousConnection
{
  /** Everything can be told to a connection that is open. */
  readonly outdated = false;
  readonly #options: TranslateConnectionOptions;
  readonly #updates = new BoundedMap<true>(REMEMBERED_UPDATES);
  #configures = false;
  #transcribes = false;
  /** The name under which translated text comes: of two, the first that was seen. */
  #textFamily: TextFamily | undefined;
  #finishing: { readonly deadlineMs: number; asked: boolean } | undefined;

  constructor(options: TranslateConnectionOptions) {
    super(options, {
      parse: parseTranslateEvent,
      appendType: 'session.input_audio_buffer.append',
      messageMs: CONTINUOUS_CHUNK_MS,
      greets: true,
    });
    this.#options = options;
  }

  /** The speaker's audio, silence included; nothing is taken before the connection is ready. */
  appendAudio(chunk: AudioChunk): void {
    if (!this.isReady) return;
    this.silence.sent(chunk.durationMs);
    this.uplink.append(chunk);
  }

  settingsChanged(): void {
    const transcribes = this.#options.transcribes();
    if (!this.isReady || transcribes === this.#transcribes) return;
    this.#transcribes = transcribes;
    const transcription = translationTranscriptionOf(this.#options.config, transcribes);
    this.#update({ audio: { input: { transcription } } });
  }

  /** Sends what it has, then asks for what is pending. A last connection is waited for without end. */
  finish(last: boolean): void {
    const deadlineMs = last ? Infinity : this.#options.clock.nowMs() + FINISH_MS;
    this.uplink.flush();
    this.#finishing = { deadlineMs, asked: false };
    this.tick();
  }

  /** To be called a few times a second. */
  tick(): void {
    const finishing = this.#finishing;
    if (finishing === undefined) return;
    if (this.#options.clock.nowMs() >= finishing.deadlineMs) {
      this.#options.handlers.finished();
    } else if (!finishing.asked && this.uplink.heldMs === 0) {
      finishing.asked = true;
      this.send({ type: 'session.close' });
    }
  }

  /** A server that is known to send audio without end, and is silent, is dead. */
  checkAlive(fillsSilence: boolean): void {
    const deathCause = fillsSilence && this.isReady ? this.silence.tick() : undefined;
    if (deathCause !== undefined) this.fail(deathCause);
  }

  protected override configure(): void {
    this.#configures = true;
    this.#transcribes = this.#options.transcribes();
    this.#update(translateSessionOf(this.#options.config, this.#transcribes));
  }

  protected override stopped(): void {
    this.#finishing = undefined;
  }

  protected override onMalformed(type: string | undefined): void {
    if (type === 'session.created') this.handshake.created(undefined);
  }

  protected override onEvent(event: TranslateServerEvent): void {
    switch (event.type) {
      case 'error':
        return this.#onError(event);
      case 'session.created':
        return this.handshake.created(event.session.expires_at);
      case 'session.updated':
        return this.#onConfigured(event);
      case 'session.closed':
        return this.#onDrained();
      case 'session.input_transcript.delta':
        return this.epoch?.sourceText(event.delta);
      case 'session.output_audio.delta':
        return this.#onAudio(event);
      case 'session.output_transcript.delta':
        return this.#onText(event.type, event.delta);
      case 'response.text.delta':
        return this.#onText(event.type, event.text ?? event.delta ?? '');
      case 'response.text.done':
      case 'session.input_transcript.done':
      case 'session.input_transcript.completed':
      case 'session.output_transcript.done':
      case 'session.output_transcript.completed':
      case 'session.output_audio.done':
        return; // what ends where is told by nothing that can be counted on
    }
  }

  #onText(family: TextFamily, delta: string): void {
    this.#textFamily ??= family;
    if (this.#textFamily === family) this.epoch?.translationText(delta);
  }

  #onDrained(): void {
    if (this.#finishing !== undefined) this.#options.handlers.finished();
    else if (this.isReady) this.fail(endedByServer());
  }

  #onAudio(event: TranslateServerEventOf<'session.output_audio.delta'>): void {
    const { delta, format, sample_rate: sampleRateHz, channels } = event;
    if ((format ?? 'pcm16') === 'pcm16' && (sampleRateHz ?? 24_000) === 24_000 && (channels ?? 1) === 1) {
      this.silence.audio(delta);
      this.epoch?.audio(delta);
      return;
    }
    const what = oneLine(
      `${format ?? 'pcm16'}, ${sampleRateHz ?? 24_000} Hz, ${channels ?? 1} channels`,
      100,
    );
    this.fail(
      new ParleyError(
        'protocol',
        `the translation server sends ${what}: only 24 kHz mono pcm16 is understood`,
      ),
    );
  }

  #onConfigured({ session }: TranslateServerEventOf<'session.updated'>): void {
    if (!this.isOpening || !this.#configures) return;
    const { language } = this.#options.config;
    const confirmed = session.audio?.output?.language;
    if (confirmed != null && confirmed !== language) {
      const message = `the translation server was asked for "${language}" and says "${oneLine(confirmed, 20)}"; use --engine conversation`;
      this.fail(new ParleyError('protocol', message));
      return;
    }
    if (this.begun(session.expires_at)) this.settingsChanged();
  }

  #onError({ error }: TranslateServerEventOf<'error'>): void {
    const { events, counters } = this.#options;
    const verdict = judgeServerError(error);
    const message = oneLine(error.message, 300);
    if (verdict.kind === 'fatal') {
      this.fail(verdict.error);
      return;
    }
    if (!this.isReady) {
      this.fail(this.handshake.refusal(error));
      return;
    }
    const details = {
      ...(error.code == null ? {} : { code: error.code }),
      ...(error.param == null ? {} : { param: error.param }),
    };
    if (error.event_id != null && this.#updates.has(error.event_id)) {
      const refused = `the server refused the transcription: ${message}`;
      events.emit('notice', { kind: 'update_rejected', ...details, message: refused });
    } else {
      if (verdict.kind === 'benign') counters.benignErrors++;
      const kind = verdict.kind === 'benign' ? 'benign_error' : 'server_error';
      events.emit('notice', { kind, ...details, message });
    }
  }

  #update(session: Extract<TranslateClientEvent, { type: 'session.update' }>['session']): void {
    this.#updates.set(this.send({ type: 'session.update', session }), true);
  }
}
