/**
 * One meeting, composed: a room, the routes that its people need, its voices, and captions. Whoever runs it listens to its
 * events; nothing of it is global.
 */
import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import type { TimerHandle } from '../clock.js';
import { EventEmitter, type EventSource } from '../events.js';
import { planRoutes } from '../interpreter/routes.js';
import { planTwoWay, ROOM_SPEAKER_ID } from '../interpreter/two-way.js';
import { loadLanguageDetector } from '../languages/language-detector.js';
import type { LanguageTag } from '../languages/languages.js';
import type { LeaveReason, Participant, RoomState } from '../room/room.js';
import { Briefing } from './briefing.js';
import { MeetingCaptions } from './meeting-captions.js';
import type { MeetingCounters } from './meeting-counters.js';
import type { MeetingEvents, MeetingNotice, MeetingPerson } from './meeting-events.js';
import { LanguageGuide } from './language-guide.js';
import { LanguageRequests } from './language-requests.js';
import { atCapNotice, languageRefusedNotice, languageUnknownNotice } from './meeting-notices.js';
import { EchoGuard } from './echo-guard.js';
import { Hearing } from './hearing.js';
import type { MeetingOptions } from './meeting-options.js';
import { Roster } from './roster.js';
import { RoomEar } from './room-ear.js';
import { RouteSet } from './route-set.js';
import { RouteTellings } from './route-tellings.js';
import { SessionTally } from './session-tally.js';
import type { Said } from './announcer.js';
import { Speech } from './speech.js';
import { followBudget, type MeetingBudget } from './spending.js';
import { TranslationGuard } from './translation-guard.js';
import type { Voices } from './voices.js';

/** How often levels are told, and sessions looked after. */
const LOOK_MS = 250;
const VOICE_POLL_MS = 20;
/** Captions may take this long to go out when the meeting is left. */
const CAPTIONS_FLUSH_MS = 1_000;
/** What was said until the budget was spent may take this long to be translated. */
const SPENT_DRAIN_MS = 5_000;
/** People who are interpreted at most; others are seen, and hear those who are. */
const MAX_ROUTED_PEOPLE = 200;

/** See the file's comment. */
export class Meeting {
  readonly #options: MeetingOptions;
  readonly #events: EventEmitter<MeetingEvents>;
  readonly #speech: Speech;
  readonly #voices: Voices;
  readonly #echo: EchoGuard;
  readonly #roster: Roster;
  readonly #hearing: Hearing;
  readonly #guide: LanguageGuide;
  readonly #requests: LanguageRequests;
  readonly #undecided = new Set<string>();
  readonly #captions: MeetingCaptions;
  readonly #briefing: Briefing;
  readonly #routes: RouteSet;
  readonly #tally = new SessionTally();
  readonly #guard: TranslationGuard;
  readonly #tellings: RouteTellings;
  /** Where one session hears everybody. */
  readonly #roomEar: RoomEar | undefined;
  #sessionNumber = 0;
  #joinedAtMs = 0;
  #timer: TimerHandle | undefined;
  #over: Promise<void> | undefined;

  constructor(given: MeetingOptions) {
    const options = { ...given, openSession: this.#tally.counted(given.openSession) };
    const { room, clock } = options;
    this.#options = options;
    this.#guard = new TranslationGuard(() => clock.nowMs());
    this.#events = new EventEmitter<MeetingEvents>(options.onListenerError);
    this.#speech = this.#newSpeech();
    this.#voices = this.#speech.voices;
    this.#echo = new EchoGuard((id) => this.#voices.heardBy(id));
    this.#voices.onPulled = (voice, frame, atMs) => {
      this.#echo.published(voice, frame, atMs);
    };
    this.#hearing = this.#newHearing();
    this.#roster = new Roster({
      clock,
      onChanged: (person, what) => {
        this.#events.emit('changed', person);
        this.#plan();
        if (what === 'languages') this.#guide.changed(person);
      },
    });
    this.#guide = new LanguageGuide({
      clock,
      tell: (person, notice) => {
        this.#captions.tell(person, notice);
      },
    });
    this.#requests = new LanguageRequests({
      room,
      roster: this.#roster,
      onRefused: ({ id, name }) => {
        this.#notice(languageRefusedNotice(id, name));
      },
    });
    this.#captions = this.#newCaptions();
    this.#briefing = new Briefing({
      ...options.briefing,
      clock,
      people: () => this.#roster.people(),
      onChanged: () => {
        this.#routes.refresh();
      },
      onNotice: (notice) => {
        this.#notice(notice);
      },
    });
    this.#tellings = this.#newTellings();
    this.#routes = this.#newRoutes();
    this.#roomEar = this.#newRoomEar();
    this.#listen();
    if (options.budget !== undefined) this.#followBudget(options.budget);
  }

  get events(): EventSource<MeetingEvents> {
    return this.#events;
  }

  /** Who is here, interpreters not counted. */
  get people(): readonly MeetingPerson[] {
    return this.#roster.people();
  }

  /** Sessions that are open or finishing. */
  get sessionCount(): number {
    return this.#routes.sessionCount;
  }

  /** Until now. */
  get counters(): MeetingCounters {
    return {
      sessions: this.#tally.total,
      captions: this.#captions.counters,
      guard: this.#guard.counters,
      captionsOnly: this.#tellings.captionsOnly,
    };
  }

  /** Joins. Rejects with a ParleyError that says what to do; the meeting is over then. */
  async start(): Promise<void> {
    const { room, clock } = this.#options;
    const [detector] = await Promise.all([loadLanguageDetector(), loadResampler(), loadSpeechDetector()]);
    this.#guard.detector = detector;
    this.#joinedAtMs = clock.nowMs();
    try {
      await room.join();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#look();
  }

  /**
   * Says a text to everyone, by voice and in captions, translated into each of these languages; by default those that
   * people here prefer to hear. Resolves with what became of each when the last is over. Rejects with ParleyError `usage`
   * for a text that is empty or too long, `service_unavailable` where it was not said; in captions it stands all the same.
   */
  say(text: string, languages?: readonly LanguageTag[]): Promise<readonly Said[]> {
    return this.#speech.say(text, languages);
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
   * After {@link Meeting.stop}: adds what people said to their own profiles, where they agreed and the host permits it, for
   * `timeLimitMs` at most. Never rejects.
   */
  learn(timeLimitMs: number): Promise<void> {
    return this.#briefing.learn(timeLimitMs);
  }

  async #end(drainMs: number): Promise<void> {
    const { room, clock } = this.#options;
    const deadlineMs = clock.nowMs() + drainMs;
    this.#speech.stopGreeting();
    for (const id of this.#hearing.participantIds) this.#forgetAudio(id);
    await this.#routes.close(drainMs);
    while (room.state.kind === 'connected' && !this.#voices.idle && clock.nowMs() < deadlineMs) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, VOICE_POLL_MS));
    }
    this.#voices.silence();
    await this.#captions.finish(room.state.kind === 'connected' ? CAPTIONS_FLUSH_MS : 0);
    this.#timer?.cancel();
    this.#speech.close();
    this.#guide.close();
    this.#briefing.close();
    this.#roster.clear();
    await Promise.all([this.#voices.close(), room.leave()]);
    this.#echo.close();
  }

  #listen(): void {
    const { room } = this.#options;
    room.publish(this.#voices.main);
    room.listen((id, frame, atMs) => {
      if (this.#over !== undefined || this.#roster.get(id)?.isBot !== false) return;
      this.#hearing.push(id, frame, atMs);
    });
    const { events } = room;
    events.on('state', (state) => {
      this.#onState(state);
    });
    events.on('participantJoined', (participant) => {
      const person = this.#roster.add(participant);
      this.#events.emit('joined', person);
      if (!person.isBot) this.#captions.came(person.id);
      this.#briefing.joined(participant);
      this.#plan();
    });
    events.on('participantChanged', (participant) => {
      this.#roster.change(participant);
      this.#briefing.changed(participant);
      this.#speech.update(this.#routes.specs);
    });
    events.on('participantLeft', (participant, reason) => {
      this.#onLeft(participant, reason);
    });
    events.on('audioStopped', (id) => {
      this.#endOfAudio(id);
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
    this.#forgetAudio(id);
    this.#captions.left(id);
    this.#undecided.delete(id);
    this.#requests.forget(id);
    const person = this.#roster.remove(id);
    this.#briefing.left(id);
    if (person !== undefined) this.#events.emit('left', person, reason);
    this.#plan();
  }

  /** Brings the routes in line with who is here. */
  #plan(): void {
    if (this.#over !== undefined) return;
    const people = this.#roster.people().slice(0, MAX_ROUTED_PEOPLE);
    const { languages = [], topology } = this.#options;
    const planned = topology === 'shared' ? planTwoWay : planRoutes;
    const { routes, undecidedIds, ...plan } = planned(people, {
      languages,
      before: this.#routes.specs,
      stopped: this.#routes.stopped,
    });
    this.#speech.update(routes);
    this.#speech.greet();
    this.#routes.apply(routes, (id) => this.#nameOf(id));
    this.#captions.interruptions.keep(routes);
    this.#captions.update(people, [...languages, ...routes.flatMap(({ to }) => to ?? [])]);
    this.#guide.update(
      undecidedIds.flatMap((id) => this.#roster.get(id) ?? []),
      plan.languages,
    );
    for (const id of undecidedIds) {
      if (this.#undecided.has(id)) continue;
      this.#undecided.add(id);
      this.#notice(languageUnknownNotice(id, this.#nameOf(id), languages));
    }
  }

  /** Muted, gone, or the line is down: what was said last is translated all the same. */
  #endOfAudio(id: string): void {
    this.#hearing.stop(id);
    for (const route of this.#routes.of(id)) route.endOfSpeech();
    this.#roomEar?.stopped(id);
  }

  #forgetAudio(id: string): void {
    this.#endOfAudio(id);
    this.#roomEar?.forget(id);
    this.#hearing.forget(id);
  }

  /** Again and again: levels, frames that stopped without a word, sessions that nobody needs at present. */
  #look(): void {
    if (this.#over !== undefined) return;
    const { clock, closeAfterSilenceMs = 120_000 } = this.#options;
    this.#hearing.look((participantId, levelDbfs) => {
      this.#events.emit('level', { participantId, levelDbfs });
    });
    this.#routes.closeQuiet(closeAfterSilenceMs);
    this.#voices.look();
    this.#timer = clock.setTimer(() => {
      this.#look();
    }, LOOK_MS);
  }

  #newSpeech(): Speech {
    const { room } = this.#options;
    return new Speech({
      meeting: this.#options,
      people: () => this.#roster.people(),
      nextName: () => `${room.participantId}.${++this.#sessionNumber}`,
      onText: (text, to) => {
        this.#captions.announce(text, to);
      },
      onSpoken: (turn) => {
        this.#guard.spoke(turn);
      },
      onChanged: () => {
        this.#plan();
      },
      onNotice: (message) => {
        this.#notice({ kind: 'voices', message });
      },
    });
  }

  #newHearing(): Hearing {
    return new Hearing({
      clock: this.#options.clock,
      guard: (id, onCleaned) => this.#echo.microphone(id, onCleaned),
      handlers: {
        speaking: (id, speaking) => {
          this.#roomEar?.speaking(id, speaking);
          this.#events.emit('speaking', { participantId: id, speaking });
        },
        audio: (id, speaker, frame, atMs) => {
          this.#voices.heard(id, speaker.speechMs);
          for (const route of this.#routes.of(id)) {
            if (speaker.speaking && !route.isOpen) this.#routes.open(route, () => speaker.preRoll());
            route.push(frame, atMs, speaker.pauseMs);
          }
          this.#roomEar?.push(id, frame, atMs);
        },
        stopped: (id) => {
          this.#voices.heard(id, 0);
        },
        unusable: (id, why) => {
          const message = `${this.#nameOf(id)} cannot be heard: ${why}`;
          this.#notice({ kind: 'audio_unusable', message, participantId: id });
        },
      },
    });
  }

  #newCaptions(): MeetingCaptions {
    const { room, clock, name = 'Parley', captions } = this.#options;
    return new MeetingCaptions({
      ...captions,
      room,
      clock,
      name,
      openRoutes: (id) => this.#routes.of(id).flatMap(({ isOpen, spec }) => (isOpen ? [spec] : [])),
      personOf: (id) => this.#roster.get(id),
      toMeetingMs: (atMs) => atMs - this.#joinedAtMs,
      onCaption: (caption) => {
        this.#events.emit('caption', caption);
      },
      onTrouble: (message) => {
        this.#notice({ kind: 'captions_unsent', message });
      },
    });
  }

  #newRoomEar(): RoomEar | undefined {
    const { clock, topology } = this.#options;
    if (topology !== 'shared') return undefined;
    return new RoomEar({
      clock,
      routes: () => this.#routes.of(ROOM_SPEAKER_ID),
      open: (route, preRoll) => {
        this.#routes.open(route, preRoll);
      },
    });
  }

  #newTellings(): RouteTellings {
    return new RouteTellings({
      events: this.#events,
      interruptions: this.#captions.interruptions,
      briefing: this.#briefing,
      engines: this.#options.engines,
      nameOf: (id) => this.#nameOf(id),
      onFailed: () => {
        this.#plan(); // another of the speaker's routes may have to transcribe
      },
      onLanguage: (speakerId, language) => {
        this.#roster.hear(speakerId, language);
      },
    });
  }

  #newRoutes(): RouteSet {
    const { clock, openSession, room, maxSessions = 24, styleOf, engines } = this.#options;
    return new RouteSet({
      clock,
      openSession,
      voiceFor: (to) => this.#voices.voiceFor(to),
      ...(styleOf === undefined ? {} : { styleOf }),
      captions: this.#captions.live,
      guard: this.#guard,
      instructionsFor: (spec) => this.#briefing.instructionsFor(spec),
      ...(engines === undefined ? {} : { engines }),
      needsOf: (spec) => this.#briefing.needsOf(spec),
      writesOnly: () => this.#voices.writesOnly,
      nextName: () => `${room.participantId}.${++this.#sessionNumber}`,
      toMeetingMs: (atMs) => atMs - this.#joinedAtMs,
      handlers: this.#tellings,
      maxSessions,
      whoSpeaks: () => this.#roster.get(this.#roomEar?.whoSpeaks() ?? ROOM_SPEAKER_ID),
      quietSinceMs: (id) => {
        if (id === ROOM_SPEAKER_ID) return this.#roomEar?.quietSinceMs;
        return this.#hearing.quietSinceMs(id, this.#joinedAtMs);
      },
      onRefused: (route) => {
        this.#notice(atCapNotice(route.spec, this.#nameOf(route.spec.speakerId), maxSessions));
        this.#plan(); // another of the speaker's routes may have to transcribe
      },
    });
  }

  #followBudget(budget: MeetingBudget): void {
    const tellAll = (what: 'written' | 'ended'): void => {
      for (const person of this.people) if (!person.isBot) this.#captions.tellInterruption(person, what);
    };
    followBudget(budget, {
      notice: (notice) => {
        this.#notice(notice);
      },
      writeOnly: () => {
        tellAll('written');
        this.#voices.writeOnly();
        this.#plan();
      },
      stop: (why) => {
        tellAll('ended');
        this.#events.emit('ending', why);
        void this.stop(SPENT_DRAIN_MS);
      },
    });
  }

  #nameOf(id: string): string {
    return this.#roster.get(id)?.name ?? (id === ROOM_SPEAKER_ID ? 'The room' : 'Somebody');
  }

  #notice(notice: MeetingNotice): void {
    this.#events.emit('notice', notice);
  }
}
