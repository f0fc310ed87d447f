import type { TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { Backoff } from '../connection/backoff.js';
import { PRE_ROLL_MS } from './continuous-input.js';
import { pauseToLeaveMs } from '../connection/session-lifetime.js';
import { Reopening } from '../connection/reconnect-schedule.js';
import { asParleyError, closedWhileConnecting } from '../connection/session-failures.js';
import type { SpeakerEar, TranslationLegs } from './translate-epochs.js';
import { TranslationLink, type TranslationLinkOptions } from './translate-transport.js';

/** How long a line may take to say what it has left: 4 s were seen, with most of the audio in them. */
const FINISH_MS = 15_000;
/** Sent again from before the speech: our own ear notices it late. */
const LEAD_MS = 300;

/** What the time without a line cost. */
export type Outage = { goneMs: number; turnsLost: number; speechLostMs: number; error: ParleyError };

/** What lines tell their session. */
export type TranslationLinesHandlers = {
  /** The line is gone; another one is being opened. */
  lost(error: ParleyError): void;
  /** There is a line again: it is to be sent what is kept from `fromMs` on. */
  reopened(fromMs: number, outage: Outage): void;
  rotated(): void;
  /** A line that should take over could not be opened; the present one goes on. */
  rotationFailed(error: ParleyError): void;
  /** The line is gone, and trying again does not help. */
  failed(error: ParleyError): void;
  /** What a line had left to say is lost with it. */
  abandoned(error: ParleyError): void;
  /** After {@link TranslationLines.finish}: nothing more comes. */
  finished(): void;
};

/** What lines are made of. */
export type TranslationLinesOptions = Omit<TranslationLinkOptions, 'onLost' | 'onFinished' | 'replaces'> & {
  ear: SpeakerEar;
  legs: TranslationLegs;
  /** For how long the first line is tried again, where that may help; 0: not at all. */
  patienceMs: number;
  handlers: TranslationLinesHandlers;
};

/**
 * The lines of a translation session, one after the other: the first one, one that takes over before its session expires,
 * and one in place of a line that was lost. What is said goes to the current line; the one before it finishes what it has,
 * which is heard first.
 */
export class TranslationLines {
  readonly #options: TranslationLinesOptions;
  readonly #reopening: Reopening;
  readonly #rotationBackoff: Backoff;
  readonly #legs: TranslationLegs;
  /** Takes what is said; undefined before the first, and while there is none. */
  #current: TranslationLink | undefined;
  /** Opens, or waits for the moment to take over. */
  #next: TranslationLink | undefined;
  /** Finishes what was said on it. */
  #retiring: TranslationLink | undefined;
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
  #lineGone = true;
  #finishing = false;
  #closed = false;
  #linkNumber = 0;

  constructor(options: TranslationLinesOptions) {
    this.#options = options;
    const { clock } = options;
    this.#reopening = new Reopening(clock);
    this.#rotationBackoff = new Backoff(() => clock.random());
    this.#legs = options.legs;
  }

  /**
   * Opens the first line. Rejects with a ParleyError where that fails and is not tried again; otherwise resolves when there is
   * a line, or none is to be had and the session was told so.
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

  /** Milliseconds of audio that wait for the line. */
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
  look(): void {
    this.#retiring?.look();
    this.#current?.look();
    this.#legs.look(this.#outage !== undefined);
    const outage = this.#outage;
    if (outage !== undefined) {
      const stale = this.#legs.last.turns.dropStale(this.#options.ear.keptFromMs);
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

  /** Takes no more audio; {@link TranslationLinesHandlers.finished} follows, unless it is closed before. */
  finish(): void {
    this.#finishing = true;
    if (this.#current !== undefined) {
      this.#dropNext();
      this.#current.finish(Infinity);
    } else if (this.#legs.last.turns.idle) {
      this.#finishedMaybe();
    }
  }

  /** Ends all lines at once, and what is open of their legs. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retry?.cancel();
    this.#settleFirst?.();
    this.#dropNext();
    this.#current?.close();
    this.#retiring?.close();
    this.#legs.finish(this.#lineGone);
  }

  async #open(replaces: boolean): Promise<TranslationLink> {
    const { keyPrefix } = this.#options;
    const link: TranslationLink = new TranslationLink({
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

  #moveInto(link: TranslationLink): void {
    this.#next = undefined;
    this.#current = link;
    this.#lineGone = false;
    this.#rotateFromMs = 0;
    link.carry(this.#legs.last);
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

  #onLost(link: TranslationLink, error: ParleyError): void {
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

  #onCurrentLost(link: TranslationLink, error: ParleyError): void {
    const { clock, ear, handlers } = this.#options;
    this.#current = undefined;
    this.#lineGone = true;
    this.#reopening.lostAfter(link.ageMs);
    link.close();
    const nowMs = clock.nowMs();
    const silentMs = Math.max(0, nowMs - link.lastEventMs);
    const turnsLost = this.#legs.last.lineLost(ear.endMs - silentMs);
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

  #resume(link: TranslationLink): void {
    const { clock, ear, handlers } = this.#options;
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#outage = undefined;
    this.#moveInto(link);
    const { keptFromMs, endMs } = ear;
    const stale = this.#legs.last.turns.resume(keptFromMs);
    const { sinceMs, turnsLost, speechLostMs, error } = outage;
    const fromMs = (this.#legs.last.turns.waitsFromMs ?? endMs - PRE_ROLL_MS) - LEAD_MS;
    handlers.reopened(fromMs, {
      goneMs: clock.nowMs() - sinceMs,
      turnsLost: turnsLost + stale.turns,
      speechLostMs: speechLostMs + stale.speechMs,
      error,
    });
    this.#settleFirst?.();
    if (this.#finishing) link.finish(Infinity);
  }

  #considerRotation(current: TranslationLink): void {
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

  /** What was said until now stays with the old line. */
  #rotate(old: TranslationLink, next: TranslationLink): void {
    const { ear, handlers } = this.#options;
    this.#rotationBackoff.succeeded();
    this.#retiring = old;
    this.#legs.begin(ear);
    this.#moveInto(next);
    handlers.rotated();
    old.finish(FINISH_MS);
  }

  #onFinished(link: TranslationLink): void {
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
    this.#legs.endFirst(how);
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
