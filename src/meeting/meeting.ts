import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import type { TimerHandle } from '../clock.js';
import { Spending } from '../cost/spending.js';
import type { EventSource } from '../events.js';
import { interruptionNotice } from '../interpreter/notices/interruption-notices.js';
import { quietMicrophoneNotice } from '../interpreter/notices/language-notices.js';
import { planRoutes } from '../interpreter/plan/routes.js';
import { planTwoWay } from '../interpreter/plan/two-way.js';
import type { LanguageTag } from '../languages/languages.js';
import type { Metric } from '../metrics.js';
import type { LeaveReason, Participant, RoomState } from '../room/room.js';
import { settledWithin } from '../settled-within.js';
import type { MeetingChange, MeetingChangeReport, PersonSettings } from './meeting-change.js';
import { MeetingChanges } from './meeting-changes.js';
import { createMeetingContext } from './meeting-context.js';
import { createMeetingCore, type MeetingCore } from './meeting-core.js';
import type { MeetingCounters } from './meeting-counters.js';
import type { MeetingEvents, MeetingNotice, MeetingPerson } from './meeting-events.js';
import { meetingMetrics } from './meeting-metrics.js';
import {
  atCapNotice,
  languageUnknownNotice,
  oneRoomNotice,
  quietMicrophone,
  shareAudioNotice,
} from './meeting-notices.js';
import type { MeetingOptions } from './meeting-options.js';
import type { MeetingContext, RouteSnapshot } from './meeting-part.js';
import { Solitude } from './people/solitude.js';
import { SharedSound } from './listening/shared-sound.js';
import type { Said } from './speaking/announcer.js';
import { channelListeners } from './speaking/channel-listeners.js';
import { needsOf } from './speaking/output-channels.js';
import { createStandardParts, type StandardParts } from './standard-parts.js';

/** How often levels are told, and sessions looked after. */
const TICK_MS = 250;
const VOICE_POLL_MS = 20;
/** Captions may take this long to go out when the meeting is left. */
const FLUSH_MS = 1_000;
/** What parts still do when the meeting was left is waited for so long. */
const CLOSED_MS = 5_000;
/** What was said until the budget was spent may take this long to be translated. */
const SPENT_DRAIN_MS = 5_000;
/** People who are interpreted at most; others are seen, and hear those who are. */
const MAX_ROUTED_PEOPLE = 200;

/**
 * One meeting while it lives: who comes and goes, what is interpreted for whom, and how it ends. It says what happens when:
 * `meeting-core.ts` makes what it cannot do without, and everything else attaches as a `MeetingPart`. Whoever runs it listens
 * to its events; nothing of it is global.
 */
export class MeetingInterpreter {
  readonly #options: MeetingOptions;
  readonly #core: MeetingCore;
  readonly #context: MeetingContext;
  readonly #standard: StandardParts;
  readonly #spending: Spending | undefined;
  readonly #changes: MeetingChanges;
  /** Whose language nobody knows, as the host was told. */
  readonly #undecided = new Map<string, string | undefined>();
  readonly #solitude: Solitude;
  #timer: TimerHandle | undefined;
  #leaving = false;
  #over: Promise<void> | undefined;

  constructor(options: MeetingOptions) {
    const { budget, languages = [], parts = [] } = options;
    this.#options = options;
    this.#solitude = new Solitude(options.clock);
    this.#core = createMeetingCore(options);
    this.#context = createMeetingContext(this.#core, options, () => this.#changes.languages);
    this.#standard = createStandardParts(this.#context, options, this.#core);
    this.#core.parts.attach([this.#core.briefing, ...this.#standard.all, ...parts], this.#context);
    this.#spending = budget === undefined ? undefined : new Spending(budget, options.onListenerError);
    this.#changes = new MeetingChanges({
      ...{ core: this.#core, captions: this.#standard.captions, spending: this.#spending, languages },
      ...{ room: options.room, topology: options.topology, engines: options.engines },
    });
    this.#listenToRoom();
    this.#listenToCore();
    this.#listenToSpending();
  }

  get events(): EventSource<MeetingEvents> {
    return this.#core.events;
  }

  /** Who is here, interpreters not counted. */
  get people(): readonly MeetingPerson[] {
    return this.#core.roster.people();
  }

  /** Sessions that are open or finishing. */
  get sessionCount(): number {
    return this.#core.routes.sessionCount;
  }

  /** Until now. */
  get counters(): MeetingCounters {
    const { tally, routeEvents } = this.#core;
    const { captions, guard } = this.#standard;
    return {
      sessions: tally.total,
      captions: captions.counters,
      guard: guard.counters,
      captionsOnly: routeEvents.captionsOnly,
    };
  }

  /** The routes as they are now. */
  routes(): readonly RouteSnapshot[] {
    return this.#context.routes();
  }

  /** Everything that is counted, as it stands now: for a status page or a monitor. */
  metrics(): readonly Metric[] {
    const { room } = this.#options;
    return meetingMetrics({ core: this.#core, room, meter: this.#spending?.meter });
  }

  /** Joins. Rejects with a ParleyError that says what to do; the meeting is over then. */
  async start(): Promise<void> {
    await Promise.all([loadResampler(), loadSpeechDetector()]);
    this.#core.time.begin();
    try {
      await this.#options.room.join();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#tick();
  }

  /**
   * Says a text to everyone, by voice and in captions, translated into each of these languages; by default those of the
   * meeting that people here prefer to hear. Resolves with what became of each when the last is over. Rejects with ParleyError `usage`
   * for a text that is empty or too long, `service_unavailable` where it was not said; in captions it stands all the same.
   */
  say(text: string, languages?: readonly LanguageTag[]): Promise<readonly Said[]> {
    return this.#context.say(text, languages);
  }

  /**
   * Changes the meeting while it runs; the audio of routes that stay goes on. Returns what became of each field that `change`
   * names. Throws nothing: what cannot be done is refused, with the reason.
   */
  update(change: MeetingChange): MeetingChangeReport {
    const report = this.#changes.apply(change, this.#leaving);
    this.#plan();
    return report;
  }

  /**
   * Nothing is heard in this language from now on, what is being said included, until it is unmuted; captions go on. Without a
   * language: in none, and unmuting then unmutes all.
   */
  mute(muted: boolean, language?: LanguageTag): void {
    const { channels, routes } = this.#core;
    channels.setMuted(muted, language);
    for (const route of routes.all) {
      const { to, back } = route.spec;
      if ([to, back].some((each) => each !== undefined && channels.isMuted(each))) route.silence();
    }
  }

  /** Which languages are muted, without regions, or all of them. */
  get muted(): 'all' | readonly LanguageTag[] {
    return this.#core.channels.muted;
  }

  /**
   * The host's word about one person, who may still be to come. It counts at once and wins over their metadata and over what
   * they ask for in the meeting, until it is taken back. Throws ParleyError `usage` for what is no language.
   */
  setPerson(participantId: string, settings: PersonSettings): void {
    this.#core.roster.setPerson(participantId, settings);
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
  async learn(timeLimitMs: number): Promise<void> {
    await this.#standard.learning?.finish(timeLimitMs);
  }

  async #end(drainMs: number): Promise<void> {
    const { room, clock } = this.#options;
    const { parts, channels, audioInput, routes, announcer, roster } = this.#core;
    const isConnected = (): boolean => room.state.kind === 'connected';
    const deadlineMs = clock.nowMs() + drainMs;
    this.#leaving = true;
    parts.call('closing');
    audioInput.forgetAll();
    await routes.close(drainMs);
    while (isConnected() && !channels.idle && clock.nowMs() < deadlineMs) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, VOICE_POLL_MS));
    }
    channels.silence();
    const flushMs = isConnected() ? FLUSH_MS : 0;
    await settledWithin(parts.settled('flush', flushMs), FLUSH_MS + VOICE_POLL_MS, clock);
    this.#timer?.cancel();
    announcer.close();
    roster.clear();
    await Promise.all([channels.close(), room.leave()]);
    audioInput.close();
    await settledWithin(parts.settled('closed'), CLOSED_MS, clock);
  }

  #listenToRoom(): void {
    const { room, topology, interpretsShares = false } = this.#options;
    const { parts, roster, audioInput, channels, routes, events } = this.#core;
    room.publish(channels.main);
    const sound = new SharedSound((id, frame, atMs) => {
      const person = this.#leaving ? undefined : roster.get(id);
      if (person === undefined || person.isBot) return;
      // Where one session hears everybody, it must not hear them at all.
      if (person.interpret === false && topology === 'shared') return;
      audioInput.push(id, frame, atMs);
    });
    const onAudio = sound.hear.bind(sound);
    if (interpretsShares) room.listen(onAudio, sound.play.bind(sound));
    else room.listen(onAudio);
    room.events.on('shareAudioStarted', (id) => {
      this.#notice(shareAudioNotice(roster.nameOf(id), id, interpretsShares));
    });
    room.events.on('shareAudioStopped', (id) => {
      sound.end(id);
    });
    room.events.on('state', (state) => {
      this.#onState(state);
    });
    room.events.on('participantJoined', (participant) => {
      const person = roster.add(participant);
      events.emit('joined', person);
      parts.call('joined', person, participant);
      this.#plan();
    });
    room.events.on('participantChanged', (participant) => {
      roster.change(participant);
      parts.call('updated', participant);
      channels.update(channelListeners(roster.people(), room.participants), needsOf(routes.specs));
    });
    room.events.on('participantLeft', (participant, reason) => {
      sound.end(participant.id);
      this.#onLeft(participant, reason);
    });
    room.events.on('audioStopped', (id) => {
      audioInput.stopped(id);
    });
    room.events.on('notice', (message) => {
      this.#notice({ kind: 'room', message });
    });
  }

  #listenToCore(): void {
    const { parts, roster, briefing, audioInput, channels, routeEvents, routes, events } = this.#core;
    const plan = (): void => {
      this.#plan();
    };
    roster.events.on('changed', (person, what) => {
      if (person.interpret === false) audioInput.stopped(person.id);
      events.emit('changed', person);
      parts.call('changed', person, what);
      this.#plan();
    });
    briefing.events.on('changed', () => {
      routes.refresh();
    });
    briefing.events.on('notice', (notice) => {
      this.#notice(notice);
    });
    audioInput.events.on('speaking', (participantId, speaking) => {
      events.emit('speaking', { participantId, speaking });
    });
    audioInput.events.on('unusable', (participantId, why) => {
      const message = `${roster.nameOf(participantId)} cannot be heard: ${why}`;
      this.#notice({ kind: 'audio_unusable', message, participantId });
    });
    audioInput.events.on('quiet', (participantId) => {
      const person = roster.get(participantId);
      if (person === undefined) return;
      this.#context.notify(person, quietMicrophoneNotice(person.prefers));
      this.#notice(quietMicrophone(roster.nameOf(participantId), participantId));
    });
    audioInput.events.on('oneRoom', (nearId, copyId) => {
      this.#notice(oneRoomNotice(roster.nameOf(nearId), roster.nameOf(copyId), copyId));
    });
    channels.events.on('changed', plan);
    channels.events.on('notice', (message) => {
      this.#notice({ kind: 'voices', message });
    });
    routeEvents.events.on('failed', plan);
    routes.events.on('refused', ({ spec }) => {
      const { maxSessions } = routes;
      this.#notice(atCapNotice(spec, roster.nameOf(spec.speakerId), maxSessions));
      this.#plan();
    });
  }

  #listenToSpending(): void {
    const { channels, events } = this.#core;
    const notifyAll = (what: 'written' | 'ended'): void => {
      for (const person of this.people)
        this.#context.notify(person, interruptionNotice(what, person.prefers ?? 'en', ''), what);
    };
    this.#spending?.events.on('notice', (notice) => {
      this.#notice(notice);
    });
    this.#spending?.events.on('writesOnly', (writesOnly) => {
      if (writesOnly) notifyAll('written');
      channels.setWritesOnly(writesOnly);
    });
    this.#spending?.events.on('stop', (why) => {
      notifyAll('ended');
      events.emit('ending', why);
      void this.stop(SPENT_DRAIN_MS);
    });
  }

  #onState(state: RoomState): void {
    this.#core.events.emit('state', state);
    if (state.kind === 'left') void this.stop();
  }

  #onLeft({ id }: Participant, reason: LeaveReason | undefined): void {
    const { audioInput, parts, roster, events } = this.#core;
    audioInput.forget(id);
    this.#undecided.delete(id);
    const person = roster.remove(id);
    if (person !== undefined) {
      parts.call('left', person, reason);
      events.emit('left', person, reason);
    }
    this.#plan();
  }

  /** Brings the routes, and what follows from them, in line with who is here. */
  #plan(): void {
    if (this.#leaving) return;
    const { room, topology, writesDown } = this.#options;
    const { parts, roster, routes, channels } = this.#core;
    const everyone = roster.people();
    const people = everyone.slice(0, MAX_ROUTED_PEOPLE);
    const { languages: declared } = this.#changes;
    const planFor = topology === 'shared' ? planTwoWay : planRoutes;
    const writesAlone = this.#solitude.writes(people.length);
    const present = { before: routes.specs, stopped: routes.stopped };
    const follows = writesDown === undefined ? {} : { writesDown };
    const plan = planFor(people, { languages: declared, ...present, writesAlone, ...follows });
    channels.update(channelListeners(everyone, room.participants), needsOf(plan.routes));
    routes.apply(plan.routes, (id) => roster.nameOf(id));
    parts.call('planned', {
      people,
      routes: plan.routes,
      declared,
      languages: plan.languages,
      undecided: plan.undecidedIds.flatMap((id) => roster.get(id) ?? []),
    });
    const unread = people.flatMap((person) => (person.unread === undefined ? [] : [person.id]));
    this.#notifyUndecided(new Set([...plan.undecidedIds, ...unread]), declared);
  }

  /** Tells the host, once of each, and of each thing that they give for a language. */
  #notifyUndecided(ids: ReadonlySet<string>, declared: readonly LanguageTag[]): void {
    for (const id of ids) {
      const person = this.#core.roster.get(id);
      const unread = person?.unread;
      if (this.#undecided.has(id) && this.#undecided.get(id) === unread) continue;
      this.#undecided.set(id, unread);
      this.#notice(languageUnknownNotice(id, this.#core.roster.nameOf(id), declared, person ?? {}));
    }
  }

  /** Again and again: levels, frames that stopped without a word, sessions that nobody needs at present. */
  #tick(): void {
    if (this.#leaving) return;
    const { clock, closeAfterSilenceMs = 120_000 } = this.#options;
    const { audioInput, routes, channels, events } = this.#core;
    audioInput.tick((participantId, levelDbfs) => {
      events.emit('level', { participantId, levelDbfs });
    });
    if (this.#solitude.isOver) this.#plan();
    routes.closeQuiet(closeAfterSilenceMs);
    channels.tick();
    this.#timer = clock.setTimer(() => {
      this.#tick();
    }, TICK_MS);
  }

  #notice(notice: MeetingNotice): void {
    this.#core.events.emit('notice', notice);
  }
}
