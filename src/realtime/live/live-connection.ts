import type { ParleyError } from '../../errors.js';
import { oneLine } from '../../text.js';
import { judgeServerError } from '../connection/server-errors.js';
import {
  contentRefused,
  endedByServer,
  endedEarly,
  UnknownModelError,
} from '../connection/session-failures.js';
import type { ContinuousConnection } from '../continuous/continuous-connections.js';
import { ServerConnection, type ServerConnectionParts } from '../continuous/server-connection.js';
import type { LiveClientEvent } from '../protocol/live-client-events.js';
import {
  type LiveServerEvent,
  type LiveServerEventOf,
  parseLiveEvent,
} from '../protocol/live-server-events.js';
import type { TimeWindow } from '../session.js';
import { AudioChunk } from '../uplink/audio-chunk.js';
import { type LiveConfig, liveSessionOf } from './live-config.js';
import { LiveStall } from './live-stall.js';
import { whyNotStarted } from './live-start.js';
import { LiveUsage } from './live-usage.js';

/** The pieces in which audio is sent, as the service sends its own. */
const LIVE_CHUNK_MS = 100;
/** After the last speech the engine is fed silence until it has said all, for so long at most: its clock is what it hears. */
const TAIL_MS = 12_000;
/** Then it may take so long to end; what it had begun to say is in that. */
const FINISH_MS = 15_000;
/** The most silence that is fed at once: no more has passed between two ticks of a process that runs. */
const MAX_FEED_MS = 1_000;
/** No session was seen to last longer. */
const LONGEST_MS = 7_200_000;
/** What a delegation is answered with: it is context for the model, and is not said. */
const DELEGATION_ANSWER = 'There is nobody to hand work to. Go on interpreting, and say nothing about this.';

/** What all connections of one session know. */
export type LiveKnowledge = {
  config: LiveConfig;
  /** The model that is started: the configured one, or the one that takes its place. */
  model: string;
  instructions: string;
  /** What the speaker says is told. */
  transcribes: boolean;
  /** The service was seen to write what is said. */
  writes: boolean;
  /** Sessions in a row that were ended for their content. */
  contentEnds: number;
};

type LiveConnectionOptions = ServerConnectionParts & { knows: LiveKnowledge };

/**
 * One connection to a live server with its way up: a session begins when it is started and is never changed, its clock is the
 * audio that it hears, and it is asked to end. What it says is placed on that clock, and so are its words.
 */
export class LiveConnection
  extends ServerConnection<LiveServerEvent, LiveClientEvent>
  implements ContinuousConnection
{
  readonly #options: LiveConnectionOptions;
  readonly #stall = new LiveStall();
  readonly #usage: LiveUsage;
  #started: { readonly config: LiveConfig; readonly instructions: string } | undefined;
  /** Audio that came so far: the place of the next on the session's clock. */
  #outputMs = 0;
  /** Silence is fed from here on where nobody else feeds. */
  #fedToMs: number | undefined;
  #finishing:
    { readonly tailUntilMs: number; readonly last: boolean; deadlineMs: number | undefined } | undefined;

  constructor(options: LiveConnectionOptions) {
    super(options, {
      parse: parseLiveEvent,
      appendType: 'session.input_audio.append',
      messageMs: LIVE_CHUNK_MS,
      greets: false,
      longestMs: LONGEST_MS,
    });
    this.#options = options;
    this.#usage = new LiveUsage(options.events, options.counters);
  }

  /** Instructions and voice are fixed when a session is started. */
  get outdated(): boolean {
    const { knows } = this.#options;
    const started = this.#started;
    return (
      started !== undefined &&
      (started.instructions !== knows.instructions || started.config.voice !== knows.config.voice)
    );
  }

  /** Where the service does not know the model, it is asked for the other one, at once. */
  override async connect(): Promise<void> {
    const { knows } = this.#options;
    try {
      await super.connect();
    } catch (error) {
      const { fallbackModel } = knows.config;
      if (
        !(error instanceof UnknownModelError) ||
        fallbackModel === undefined ||
        knows.model === fallbackModel
      )
        throw error;
      knows.model = fallbackModel;
      const message = `the service does not know the model ${knows.config.model}: ${fallbackModel} takes its place`;
      this.#options.events.emit('notice', { kind: 'server_error', code: 'invalid_model', message });
      await this.connectAgain();
    }
  }

  appendAudio(chunk: AudioChunk): void {
    if (!this.isReady) return;
    this.#fedToMs = undefined;
    this.silence.sent(chunk.durationMs);
    this.#stall.sent(chunk.durationMs, chunk.voiced);
    this.uplink.append(chunk);
  }

  settingsChanged(): void {
    // a session that runs takes none of them: see `outdated`
  }

  /** A last connection is waited for without end. */
  finish(last: boolean): void {
    this.uplink.flush();
    this.#finishing = { tailUntilMs: this.#options.clock.nowMs() + TAIL_MS, last, deadlineMs: undefined };
    this.tick(false);
  }

  tick(standby: boolean): void {
    if (!this.isReady) return;
    const finishing = this.#finishing;
    if (standby || finishing?.deadlineMs === undefined) this.#feedWhere(standby || finishing !== undefined);
    if (finishing === undefined) return;
    const nowMs = this.#options.clock.nowMs();
    if (finishing.deadlineMs === undefined) {
      const saidAll = this.epoch?.turns.idle !== false || nowMs >= finishing.tailUntilMs;
      if (!saidAll || this.uplink.heldMs > 0) return;
      finishing.deadlineMs = finishing.last ? Infinity : nowMs + FINISH_MS;
      this.send({ type: 'session.close' });
    } else if (nowMs >= finishing.deadlineMs) {
      this.#options.handlers.finished();
    }
  }

  checkAlive(fillsSilence: boolean): void {
    if (!this.isReady) return;
    const silent = fillsSilence ? this.silence.tick() : undefined;
    const deathCause = silent ?? this.#stall.cause(this.#options.knows.writes);
    if (deathCause !== undefined) this.fail(deathCause);
  }

  protected override configure(): void {
    const { config, model, instructions } = this.#options.knows;
    this.#started = { config, instructions };
    this.send({ type: 'session.start', session: liveSessionOf(config, model, instructions) });
  }

  protected override stopped(wasReady: boolean): void {
    if (wasReady) this.#usage.ended();
    this.#finishing = undefined;
  }

  protected override onEvent(event: LiveServerEvent): void {
    switch (event.type) {
      case 'error':
        return this.#onError(event);
      case 'session.started':
        this.begun(event.session.expires_at);
        return;
      case 'session.closed':
        return this.#onClosed(event);
      case 'session.usage.updated':
        this.#stall.usage(event.usage.seconds);
        return this.#usage.report(event.usage.seconds);
      case 'session.output_audio.delta':
        return this.#onAudio(event);
      case 'session.input_transcript.delta':
        return this.#onSource(event);
      case 'session.output_transcript.delta':
        return this.#onTranslation(event);
      case 'session.delegation.created':
        this.#options.counters.delegations++;
        return this.#answerDelegation(event.delegation.id);
      default:
        return; // acknowledgements, and what no interpreter asks for
    }
  }

  protected override onMalformed(type: string | undefined): void {
    if (type === 'session.started') this.begun(undefined);
  }

  /** The session's clock goes on while nobody's audio moves it. */
  #feedWhere(nobodyElseDoes: boolean): void {
    if (!nobodyElseDoes) {
      this.#fedToMs = undefined;
      return;
    }
    const nowMs = this.#options.clock.nowMs();
    this.#fedToMs = Math.max(this.#fedToMs ?? nowMs, nowMs - MAX_FEED_MS);
    while (this.#fedToMs + LIVE_CHUNK_MS <= nowMs) {
      this.uplink.append(AudioChunk.silence(LIVE_CHUNK_MS, this.#fedToMs));
      this.#options.counters.silenceFedMs += LIVE_CHUNK_MS;
      this.#fedToMs += LIVE_CHUNK_MS;
    }
  }

  #onAudio({ delta, start_ms: startMs }: LiveServerEventOf<'session.output_audio.delta'>): void {
    const fromMs = startMs ?? this.#outputMs;
    this.#outputMs = fromMs + durationMsOf(delta);
    this.silence.audio(delta);
    this.epoch?.audio(delta, fromMs);
  }

  #onSource({ delta, ...window }: LiveServerEventOf<'session.input_transcript.delta'>): void {
    const { knows } = this.#options;
    knows.writes = true;
    this.#stall.words();
    if (!knows.transcribes) return;
    const told = windowOf(window);
    const { timeline } = this.uplink;
    this.epoch?.sourceText(
      delta,
      told && { fromMs: timeline.toMeetingMs(told.fromMs), toMs: timeline.toMeetingMs(told.toMs) },
    );
  }

  #onTranslation({ delta, ...window }: LiveServerEventOf<'session.output_transcript.delta'>): void {
    this.#options.knows.contentEnds = 0;
    this.#stall.words();
    this.epoch?.translationText(delta, windowOf(window));
  }

  /** A model that hands work over disobeys; without an answer it would say that it waits for one. */
  #answerDelegation(id: string): void {
    this.send({ type: 'session.thinking.append', content: DELEGATION_ANSWER, delegation_id: id });
  }

  #onClosed({ reason, usage }: LiveServerEventOf<'session.closed'>): void {
    if (usage !== undefined) this.#usage.report(usage.seconds, true);
    if (this.#finishing !== undefined) this.#options.handlers.finished();
    else this.fail(this.#whyClosed(reason ?? ''));
  }

  #whyClosed(reason: string): ParleyError {
    const { knows, clock } = this.#options;
    if (reason === 'content') return contentRefused(++knows.contentEnds > 1);
    const leaveFromMs = this.lifetime?.leaveFromMs ?? 0;
    if (reason === 'expired' && clock.nowMs() < leaveFromMs) return endedEarly();
    return endedByServer();
  }

  /** Its words are not passed on where the session goes on: they may quote what was said. */
  #onError({ error }: LiveServerEventOf<'error'>): void {
    const { events } = this.#options;
    if (!this.isReady) {
      this.fail(whyNotStarted(error, this.#options.knows.model, this.handshake));
      return;
    }
    const verdict = judgeServerError(error);
    if (verdict.kind === 'fatal') {
      this.fail(verdict.error);
      return;
    }
    const code = oneLine(error.code ?? error.type, 100);
    const param = error.param == null ? undefined : oneLine(error.param, 100);
    const message = `the service reports an error, and the session goes on: ${code}`;
    events.emit('notice', { kind: 'server_error', code, message, ...(param === undefined ? {} : { param }) });
  }
}

/** Milliseconds of 24 kHz PCM16 in base64. */
function durationMsOf(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return ((base64.length / 4) * 3 - padding) / 2 / 24;
}

/** Of words; both bounds are told, or none. */
function windowOf({
  start_ms: fromMs,
  end_ms: toMs,
}: {
  start_ms?: number | null;
  end_ms?: number | null;
}): TimeWindow | undefined {
  return fromMs == null || toMs == null ? undefined : { fromMs, toMs };
}
