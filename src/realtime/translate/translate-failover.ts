import type { TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { Backoff } from '../connection/backoff.js';
import { PRE_ROLL_MS } from './continuous-input.js';
import { pauseToLeaveMs } from '../connection/session-lifetime.js';
import { ReconnectSchedule } from '../connection/reconnect-schedule.js';
import { asParleyError, closedWhileConnecting } from '../connection/session-failures.js';
import type { SpeakerSink, TranslateEpochs } from './translate-epochs.js';
import { TranslateTransport, type TranslateTransportOptions } from './translate-transport.js';

/** How long a connection may take to say what it has left: 4 s were seen, with most of the audio in them. */
const FINISH_MS = 15_000;
/** Sent again from before the speech: our own ear notices it late. */
const LEAD_MS = 300;

/** What the time without a connection cost. */
export type Outage = { goneMs: number; turnsLost: number; speechLostMs: number; error: ParleyError };

/** What connections tell their session. */
export type TranslateFailoverHandlers = {
  /** The connection is gone; another one is being opened. */
  lost(error: ParleyError): void;
  /** There is a connection again: it is to be sent what is kept from `fromMs` on. */
  reopened(fromMs: number, outage: Outage): void;
  rotated(): void;
  /** A connection that should take over could not be opened; the present one goes on. */
  rotationFailed(error: ParleyError): void;
  /** The connection is gone, and trying again does not help. */
  failed(error: ParleyError): void;
  /** What a connection had left to say is lost with it. */
  abandoned(error: ParleyError): void;
  /** After {@link TranslateFailover.finish}: nothing more comes. */
  finished(): void;
};

/** What connections are made of. */
export type TranslateFailoverOptions = Omit<
  TranslateTransportOptions,
  'onLost' | 'onFinished' | 'replaces'
> & {
  ear: SpeakerSink;
  epochs: TranslateEpochs;
  /** For how long the first connection is tried again, where that may help; 0: not at all. */
  patienceMs: number;
  handlers: TranslateFailoverHandlers;
};

/**
 * The connections of a translation session, one after the other: the first one, one that takes over before its session expires,
 * and one in place of a connection that was lost. What is said goes to the current connection; the one before it finishes what it has,
 * which is heard first.
 */
export class TranslateFailover {
  readonly #options: TranslateFailoverOptions;
  readonly #reopening: ReconnectSchedule;
  readonly #rotationBackoff: Backoff;
  readonly #epochs: TranslateEpochs;
  /** Takes what is said; undefined before the first, and while there is none. */
  #current: TranslateTransport | undefined;
  /** Opens, or waits for the moment to take over. */
  #next: TranslateTransport | undefined;
  /** Finishes what was said on it. */
  #retiring: TranslateTransport | undefined;
  /** Why the last one that was open was lost before it took over. */
  #openingFailure: ParleyError | undefined;
  #outage: (Omit<Outage, 'goneMs'> & { sinceMs: number }) | undefined;
  #retry: TimerHandle | undefined;
  /** The first one could not be opened: called when another one is, or when all of it has ended. */
  #settleFirst: (() => void) | undefined;
  #rotateFromMs = 0;
  #transcribes = false;
  #fillsSilence = false;
  /** There is none that could answer to what was said. */
  #connectionGone = true;
  #finishing = false;
  #closed = false;
  #linkNumber = 0;

  constructor(options: TranslateFailoverOptions) {
    this.#options = options;
    const { clock } = options;
    this.#reopening = new ReconnectSchedule(clock);
    this.#rotationBackoff = new Backoff(() => clock.random());
    this.#epochs = options.epochs;
  }

  /**
   * Opens the first connection. Rejects with a ParleyError where that fails and is not tried again; otherwise resolves when there is
   * a connection, or none is to be had and the session was told so.
   */
  async connect(): Promise<void> {
    let error: ParleyError;
    try {
      const link = await this.#open(false);
      if (this.#next === link) {
        this.#moveInto(link);
        return;
      }
      error = this.#openingFailure ?? closedWhileConnecting(); // between two turns of the event loop
    } catch (cause) {
      error = asParleyError(cause);
    }
    const { patienceMs, clock, handlers } = this.#options;
    if (this.#closed || !error.retryable || patienceMs === 0) throw error;
    const settled = new Promise<void>((resolve) => {
      this.#settleFirst = resolve;
    });
    this.#reopening.neverOpened(patienceMs);
    this.#outage = { sinceMs: clock.nowMs(), turnsLost: 0, speechLostMs: 0, error };
    handlers.lost(error);
    this.#retryAfter(error);
    await settled;
  }

  /** Milliseconds of audio that wait for the connection. */
  get heldMs(): number {
    return this.#current?.heldMs ?? 0;
  }

  append(pcm: Int16Array, atMs: number): void {
    this.#current?.append(pcm, atMs);
  }

  flush(): void {
    this.#current?.flush();
  }

  /** What the speaker says is transcribed, or not, from now on. */
  setTranscription(transcribes: boolean): void {
    this.#transcribes = transcribes;
    this.#current?.setTranscription(transcribes);
    this.#next?.setTranscription(transcribes);
  }

  /** To be called a few times a second. */
  tick(): void {
    this.#retiring?.tick();
    this.#current?.tick();
    this.#epochs.tick(this.#outage !== undefined);
    const outage = this.#outage;
    if (outage !== undefined) {
      const stale = this.#epochs.last.turns.dropStale(this.#options.ear.keptFromMs);
      outage.turnsLost += stale.turns;
      outage.speechLostMs += stale.speechMs;
      return;
    }
    const current = this.#current;
    if (current === undefined || this.#finishing) return;
    this.#fillsSilence ||= current.fillsSilence;
    const deathCause = this.#fillsSilence ? current.deathCause() : undefined;
    if (deathCause === undefined) this.#considerRotation(current);
    else this.#onLost(current, deathCause);
  }

  /** Takes no more audio; {@link TranslateFailoverHandlers.finished} follows, unless it is closed before. */
  finish(): void {
    this.#finishing = true;
    if (this.#current !== undefined) {
      this.#dropNext();
      this.#current.finish(Infinity);
    } else if (this.#epochs.last.turns.idle) {
      this.#finishedMaybe();
    }
  }

  /** Ends all connections at once, and what is open of their legs. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retry?.cancel();
    this.#settleFirst?.();
    this.#dropNext();
    this.#current?.close();
    this.#retiring?.close();
    this.#epochs.finish(this.#connectionGone);
  }

  async #open(replaces: boolean): Promise<TranslateTransport> {
    const { keyPrefix } = this.#options;
    const link: TranslateTransport = new TranslateTransport({
      ...this.#options,
      replaces,
      keyPrefix: `${keyPrefix}.${++this.#linkNumber}`,
      onLost: (error) => {
        this.#onLost(link, error);
      },
      onFinished: () => {
        this.#onFinished(link);
      },
    });
    this.#next = link;
    try {
      await link.connect(this.#transcribes);
    } catch (error) {
      if (this.#next === link) this.#next = undefined;
      throw asParleyError(error);
    }
    link.setTranscription(this.#transcribes);
    return link;
  }

  #moveInto(link: TranslateTransport): void {
    this.#next = undefined;
    this.#current = link;
    this.#connectionGone = false;
    this.#rotateFromMs = 0;
    link.carry(this.#epochs.last);
  }

  #openNext(): void {
    this.#open(true).then(
      (link) => {
        if (this.#next === link && this.#outage !== undefined) this.#resume(link);
      },
      (error: unknown) => {
        this.#onNotOpened(asParleyError(error));
      },
    );
  }

  #onNotOpened(error: ParleyError): void {
    if (this.#closed || this.#next !== undefined) return;
    if (this.#outage !== undefined) this.#retryAfter(error);
    else if (this.#current !== undefined && !this.#finishing) this.#onRotationFailed(error);
  }

  #onLost(link: TranslateTransport, error: ParleyError): void {
    if (link === this.#retiring) {
      this.#options.handlers.abandoned(error);
      this.#endRetiring('lost');
    } else if (link === this.#next) {
      this.#dropNext();
      this.#openingFailure = error;
      this.#onNotOpened(error);
    } else if (link === this.#current) {
      this.#onCurrentLost(link, error);
    }
  }

  #onCurrentLost(link: TranslateTransport, error: ParleyError): void {
    const { clock, ear, handlers } = this.#options;
    this.#current = undefined;
    this.#connectionGone = true;
    this.#reopening.lostAfter(link.ageMs);
    link.close();
    const nowMs = clock.nowMs();
    const silentMs = Math.max(0, nowMs - link.lastEventMs);
    const turnsLost = this.#epochs.last.connectionLost(ear.endMs - silentMs);
    if (this.#finishing) {
      handlers.abandoned(error);
      this.#finishedMaybe();
      return;
    }
    if (!error.retryable) {
      handlers.failed(error);
      return;
    }
    this.#outage = { sinceMs: nowMs, turnsLost, speechLostMs: 0, error };
    handlers.lost(error);
    const next = this.#next;
    if (next?.ready === true) this.#resume(next);
    else if (next === undefined) this.#retryAfter(error);
  }

  #retryAfter(error: ParleyError): void {
    const waitMs = this.#reopening.nextWaitMs(error);
    if (waitMs === undefined) {
      this.#options.handlers.failed(error);
      return;
    }
    this.#retry = this.#options.clock.setTimer(() => {
      this.#openNext();
    }, waitMs);
  }

  #resume(link: TranslateTransport): void {
    const { clock, ear, handlers } = this.#options;
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#outage = undefined;
    this.#moveInto(link);
    const { keptFromMs, endMs } = ear;
    const stale = this.#epochs.last.turns.resume(keptFromMs);
    const { sinceMs, turnsLost, speechLostMs, error } = outage;
    const fromMs = (this.#epochs.last.turns.waitsFromMs ?? endMs - PRE_ROLL_MS) - LEAD_MS;
    handlers.reopened(fromMs, {
      goneMs: clock.nowMs() - sinceMs,
      turnsLost: turnsLost + stale.turns,
      speechLostMs: speechLostMs + stale.speechMs,
      error,
    });
    this.#settleFirst?.();
    if (this.#finishing) link.finish(Infinity);
  }

  #considerRotation(current: TranslateTransport): void {
    const { lifetime } = current;
    if (lifetime === undefined || this.#retiring !== undefined) return;
    const { clock, ear } = this.#options;
    const nowMs = clock.nowMs();
    if (this.#next === undefined) {
      if (nowMs >= Math.max(lifetime.leaveFromMs, this.#rotateFromMs)) this.#openNext();
    } else if (this.#next.ready && ear.pauseMs >= pauseToLeaveMs(lifetime, nowMs)) {
      this.#rotate(current, this.#next);
    }
  }

  #onRotationFailed(error: ParleyError): void {
    const { clock, handlers } = this.#options;
    const waitMs = this.#rotationBackoff.failed(error.retryAfterMs);
    this.#rotateFromMs = error.retryable ? clock.nowMs() + waitMs : Infinity;
    handlers.rotationFailed(error);
  }

  /** What was said until now stays with the old connection. */
  #rotate(old: TranslateTransport, next: TranslateTransport): void {
    const { ear, handlers } = this.#options;
    this.#rotationBackoff.succeeded();
    this.#retiring = old;
    this.#epochs.begin(ear);
    this.#moveInto(next);
    handlers.rotated();
    old.finish(FINISH_MS);
  }

  #onFinished(link: TranslateTransport): void {
    if (link === this.#retiring) {
      this.#endRetiring('done');
    } else if (link === this.#current) {
      this.#current.close();
      this.#current = undefined;
      this.#finishedMaybe();
    }
  }

  #endRetiring(how: 'done' | 'lost'): void {
    this.#retiring?.close();
    this.#retiring = undefined;
    this.#epochs.endFirst(how);
    this.#finishedMaybe();
  }

  #finishedMaybe(): void {
    if (!this.#finishing || this.#retiring !== undefined || this.#current !== undefined) return;
    this.#options.handlers.finished();
  }

  #dropNext(): void {
    const next = this.#next;
    this.#next = undefined;
    next?.close();
  }
}
