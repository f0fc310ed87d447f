import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import type { TimerHandle } from '../clock.js';
import { EventEmitter, type EventSource } from '../events.js';
import { planRoutes } from '../interpreter/plan/routes.js';
import { planTwoWay } from '../interpreter/plan/two-way.js';
import { loadLanguageDetector } from '../languages/language-detector.js';
import type { LanguageTag } from '../languages/languages.js';
import type { LeaveReason, Participant, RoomState } from '../room/room.js';
import type { Said } from './speaking/announcer.js';
import type { MeetingCounters } from './meeting-counters.js';
import type { MeetingEvents, MeetingNotice, MeetingPerson } from './meeting-events.js';
import { languageUnknownNotice } from './meeting-notices.js';
import type { MeetingOptions } from './meeting-options.js';
import { MeetingParts } from './meeting-parts.js';
import { followBudget, type MeetingBudget } from '../cost/spending.js';

/** How often levels are told, and sessions looked after. */
const TICK_MS = 250;
const VOICE_POLL_MS = 20;
/** Captions may take this long to go out when the meeting is left. */
const CAPTIONS_FLUSH_MS = 1_000;
/** What was said until the budget was spent may take this long to be translated. */
const SPENT_DRAIN_MS = 5_000;
/** People who are interpreted at most; others are seen, and hear those who are. */
const MAX_ROUTED_PEOPLE = 200;

/**
 * One meeting while it lives: who comes and goes, what is interpreted for whom, and how it ends. Its parts are in
 * `meeting-parts.ts`. Whoever runs it listens to its events; nothing of it is global.
 */
export class MeetingInterpreter {
  readonly #options: MeetingOptions;
  readonly #events: EventEmitter<MeetingEvents>;
  readonly #parts: MeetingParts;
  /** Whose language nobody knows, as the host was told. */
  readonly #undecided = new Set<string>();
  #timer: TimerHandle | undefined;
  #over: Promise<void> | undefined;

  constructor(options: MeetingOptions) {
    this.#options = options;
    this.#events = new EventEmitter<MeetingEvents>(options.onListenerError);
    this.#parts = new MeetingParts(options, this.#events, () => {
      this.#plan();
    });
    this.#listen();
    if (options.budget !== undefined) this.#followBudget(options.budget);
  }

  get events(): EventSource<MeetingEvents> {
    return this.#events;
  }

  /** Who is here, interpreters not counted. */
  get people(): readonly MeetingPerson[] {
    return this.#parts.roster.people();
  }

  /** Sessions that are open or finishing. */
  get sessionCount(): number {
    return this.#parts.routes.sessionCount;
  }

  /** Until now. */
  get counters(): MeetingCounters {
    const { tally, captions, guard, routeEvents } = this.#parts;
    return {
      sessions: tally.total,
      captions: captions.counters,
      guard: guard.counters,
      captionsOnly: routeEvents.captionsOnly,
    };
  }

  /** Joins. Rejects with a ParleyError that says what to do; the meeting is over then. */
  async start(): Promise<void> {
    const { room, clock } = this.#options;
    const [detector] = await Promise.all([loadLanguageDetector(), loadResampler(), loadSpeechDetector()]);
    this.#parts.guard.detector = detector;
    this.#parts.joinedAtMs = clock.nowMs();
    try {
      await room.join();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#tick();
  }

  /**
   * Says a text to everyone, by voice and in captions, translated into each of these languages; by default those that
   * people here prefer to hear. Resolves with what became of each when the last is over. Rejects with ParleyError `usage`
   * for a text that is empty or too long, `service_unavailable` where it was not said; in captions it stands all the same.
   */
  say(text: string, languages?: readonly LanguageTag[]): Promise<readonly Said[]> {
    return this.#parts.speech.say(text, languages);
  }

  /**
   * Leaves. With `drainMs`, what was said until now is translated, spoken and captioned first, as far as that time
   * suffices. Safe to call twice; resolves when nothing is left.
   */
  stop(drainMs = 0): Promise<void> {
    this.#over ??= this.#end(drainMs);
    return this.#over;
  }

  /**
   * After {@link MeetingInterpreter.stop}: adds what people said to their own profiles, where they agreed and the host permits it, for
   * `timeLimitMs` at most. Never rejects.
   */
  learn(timeLimitMs: number): Promise<void> {
    return this.#parts.briefing.learn(timeLimitMs);
  }

  async #end(drainMs: number): Promise<void> {
    const { room, clock } = this.#options;
    const { speech, audioInput, routes, captions, guide, briefing, roster } = this.#parts;
    const { voices } = speech;
    const deadlineMs = clock.nowMs() + drainMs;
    speech.stopGreeting();
    audioInput.forgetAll();
    await routes.close(drainMs);
    while (room.state.kind === 'connected' && !voices.idle && clock.nowMs() < deadlineMs) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, VOICE_POLL_MS));
    }
    voices.silence();
    await captions.finish(room.state.kind === 'connected' ? CAPTIONS_FLUSH_MS : 0);
    this.#timer?.cancel();
    speech.close();
    guide.close();
    briefing.close();
    roster.clear();
    await Promise.all([voices.close(), room.leave()]);
    audioInput.close();
  }

  #listen(): void {
    const { room } = this.#options;
    const { roster, audioInput, speech, captions, briefing, routes } = this.#parts;
    room.publish(speech.voices.main);
    room.listen((id, frame, atMs) => {
      if (this.#over !== undefined || roster.get(id)?.isBot !== false) return;
      audioInput.push(id, frame, atMs);
    });
    const { events } = room;
    events.on('state', (state) => {
      this.#onState(state);
    });
    events.on('participantJoined', (participant) => {
      const person = roster.add(participant);
      this.#events.emit('joined', person);
      if (!person.isBot) captions.came(person.id);
      briefing.joined(participant);
      this.#plan();
    });
    events.on('participantChanged', (participant) => {
      roster.change(participant);
      briefing.changed(participant);
      speech.update(routes.specs);
    });
    events.on('participantLeft', (participant, reason) => {
      this.#onLeft(participant, reason);
    });
    events.on('audioStopped', (id) => {
      audioInput.stopped(id);
    });
    events.on('notice', (message) => {
      this.#notice({ kind: 'room', message });
    });
  }

  #onState(state: RoomState): void {
    this.#events.emit('state', state);
    if (state.kind === 'left') void this.stop();
  }

  #onLeft({ id }: Participant, reason: LeaveReason | undefined): void {
    const { audioInput, captions, requests, roster, briefing } = this.#parts;
    audioInput.forget(id);
    captions.left(id);
    this.#undecided.delete(id);
    requests.forget(id);
    const person = roster.remove(id);
    briefing.left(id);
    if (person !== undefined) this.#events.emit('left', person, reason);
    this.#plan();
  }

  /** Brings the routes, and what follows from them, in line with who is here. */
  #plan(): void {
    if (this.#over !== undefined) return;
    const { roster, routes, speech, captions, guide } = this.#parts;
    const people = roster.people().slice(0, MAX_ROUTED_PEOPLE);
    const { languages = [], topology } = this.#options;
    const planFor = topology === 'shared' ? planTwoWay : planRoutes;
    const plan = planFor(people, { languages, before: routes.specs, stopped: routes.stopped });
    speech.update(plan.routes);
    speech.greet();
    routes.apply(plan.routes, (id) => roster.nameOf(id));
    captions.interruptions.keep(plan.routes);
    captions.update(people, [...languages, ...plan.routes.flatMap(({ to }) => to ?? [])]);
    guide.update(
      plan.undecidedIds.flatMap((id) => roster.get(id) ?? []),
      plan.languages,
    );
    this.#notifyUndecided(plan.undecidedIds);
  }

  /** Tells the host, once of each. */
  #notifyUndecided(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#undecided.has(id)) continue;
      this.#undecided.add(id);
      const name = this.#parts.roster.nameOf(id);
      this.#notice(languageUnknownNotice(id, name, this.#options.languages ?? []));
    }
  }

  /** Again and again: levels, frames that stopped without a word, sessions that nobody needs at present. */
  #tick(): void {
    if (this.#over !== undefined) return;
    const { clock, closeAfterSilenceMs = 120_000 } = this.#options;
    const { audioInput, routes, speech } = this.#parts;
    audioInput.tick((participantId, levelDbfs) => {
      this.#events.emit('level', { participantId, levelDbfs });
    });
    routes.closeQuiet(closeAfterSilenceMs);
    speech.voices.tick();
    this.#timer = clock.setTimer(() => {
      this.#tick();
    }, TICK_MS);
  }

  #followBudget(budget: MeetingBudget): void {
    const { captions, speech } = this.#parts;
    const notifyAll = (what: 'written' | 'ended'): void => {
      for (const person of this.people) captions.notifyInterruption(person, what);
    };
    followBudget(budget, {
      notice: (notice) => {
        this.#notice(notice);
      },
      writeOnly: () => {
        notifyAll('written');
        speech.voices.writeOnly();
        this.#plan();
      },
      stop: (why) => {
        notifyAll('ended');
        this.#events.emit('ending', why);
        void this.stop(SPENT_DRAIN_MS);
      },
    });
  }

  #notice(notice: MeetingNotice): void {
    this.#events.emit('notice', notice);
  }
}
