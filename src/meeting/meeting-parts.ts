import type { EventEmitter } from '../events.js';
import { ROOM_SPEAKER_ID } from '../interpreter/plan/two-way.js';
import { Briefing } from './briefing/briefing.js';
import { MeetingAudioInput } from './listening/meeting-audio-input.js';
import { LanguageGuide } from './people/language-guide.js';
import { LanguageRequests } from './people/language-requests.js';
import { MeetingCaptions } from './captions/meeting-captions.js';
import type { MeetingEvents, MeetingNotice } from './meeting-events.js';
import { atCapNotice, languageRefusedNotice } from './meeting-notices.js';
import type { MeetingOptions } from './meeting-options.js';
import { Roster } from './people/roster.js';
import { RouteSet } from './routes/route-set.js';
import { RouteEvents } from './routes/route-events.js';
import { SessionTally } from './routes/session-tally.js';
import { Speech } from './speaking/speech.js';
import { TranslationGuard } from './routes/translation-guard.js';

/**
 * The parts of one meeting, and what each of them knows of the others. What happens when is for the meeting to say.
 */
export class MeetingParts {
  readonly tally = new SessionTally();
  readonly guard: TranslationGuard;
  readonly speech: Speech;
  readonly audioInput: MeetingAudioInput;
  readonly roster: Roster;
  readonly guide: LanguageGuide;
  readonly requests: LanguageRequests;
  readonly captions: MeetingCaptions;
  readonly briefing: Briefing;
  readonly routeEvents: RouteEvents;
  readonly routes: RouteSet;
  /** When we joined, by the clock: captions count from then. */
  joinedAtMs = 0;
  readonly #options: MeetingOptions;
  readonly #events: EventEmitter<MeetingEvents>;
  readonly #plan: () => void;
  #sessionNumber = 0;

  /** `plan`: who is here, their languages, or what voices and routes can do has changed. */
  constructor(given: MeetingOptions, events: EventEmitter<MeetingEvents>, plan: () => void) {
    this.#options = { ...given, openSession: this.tally.counted(given.openSession) };
    this.#events = events;
    this.#plan = plan;
    const { clock } = given;
    this.guard = new TranslationGuard(() => clock.nowMs());
    this.speech = this.#newSpeech();
    this.audioInput = this.#newAudioInput();
    this.roster = this.#newRoster();
    this.guide = new LanguageGuide({
      clock,
      notify: (person, notice) => {
        this.captions.notify(person, notice);
      },
    });
    this.requests = this.#newRequests();
    this.captions = this.#newCaptions();
    this.briefing = this.#newBriefing();
    this.routeEvents = this.#newRouteEvents();
    this.routes = this.#newRoutes();
  }

  #newSpeech(): Speech {
    return new Speech({
      meeting: this.#options,
      people: () => this.roster.people(),
      nextName: () => this.#nextName(),
      onText: (text, to) => {
        this.captions.announce(text, to);
      },
      onSpoken: (turn) => {
        this.guard.spoke(turn);
      },
      onChanged: this.#plan,
      onNotice: (message) => {
        this.#notice({ kind: 'voices', message });
      },
    });
  }

  #newAudioInput(): MeetingAudioInput {
    const { clock, topology } = this.#options;
    return new MeetingAudioInput({
      clock,
      topology,
      voices: this.speech.voices,
      routes: () => this.routes,
      speaking: (participantId, speaking) => {
        this.#events.emit('speaking', { participantId, speaking });
      },
      unusable: (participantId, why) => {
        const message = `${this.roster.nameOf(participantId)} cannot be heard: ${why}`;
        this.#notice({ kind: 'audio_unusable', message, participantId });
      },
    });
  }

  #newRoster(): Roster {
    return new Roster({
      clock: this.#options.clock,
      onChanged: (person, what) => {
        this.#events.emit('changed', person);
        this.#plan();
        if (what === 'languages') this.guide.changed(person);
      },
    });
  }

  #newRequests(): LanguageRequests {
    return new LanguageRequests({
      room: this.#options.room,
      roster: this.roster,
      onRefused: ({ id, name }) => {
        this.#notice(languageRefusedNotice(id, name));
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
      openRoutes: (id) => this.routes.of(id).flatMap(({ isOpen, spec }) => (isOpen ? [spec] : [])),
      personOf: (id) => this.roster.get(id),
      toMeetingMs: (atMs) => this.#toMeetingMs(atMs),
      onCaption: (caption) => {
        this.#events.emit('caption', caption);
      },
      onTrouble: (message) => {
        this.#notice({ kind: 'captions_unsent', message });
      },
    });
  }

  #newBriefing(): Briefing {
    const { clock, briefing } = this.#options;
    return new Briefing({
      ...briefing,
      clock,
      people: () => this.roster.people(),
      onChanged: () => {
        this.routes.refresh();
      },
      onNotice: (notice) => {
        this.#notice(notice);
      },
    });
  }

  #newRouteEvents(): RouteEvents {
    return new RouteEvents({
      events: this.#events,
      interruptions: this.captions.interruptions,
      briefing: this.briefing,
      engines: this.#options.engines,
      nameOf: (id) => this.roster.nameOf(id),
      onFailed: this.#plan, // another of the speaker's routes may have to transcribe
      onLanguage: (speakerId, language) => {
        this.roster.hear(speakerId, language);
      },
    });
  }

  #newRoutes(): RouteSet {
    const { clock, openSession, maxSessions = 24, styleOf, engines } = this.#options;
    const { voices } = this.speech;
    return new RouteSet({
      clock,
      openSession,
      voiceFor: (to) => voices.voiceFor(to),
      ...(styleOf === undefined ? {} : { styleOf }),
      captions: this.captions.live,
      guard: this.guard,
      instructionsFor: (spec) => this.briefing.instructionsFor(spec),
      ...(engines === undefined ? {} : { engines }),
      needsOf: (spec) => this.briefing.needsOf(spec),
      writesOnly: () => voices.writesOnly,
      nextName: () => this.#nextName(),
      toMeetingMs: (atMs) => this.#toMeetingMs(atMs),
      handlers: this.routeEvents,
      maxSessions,
      whoSpeaks: () => this.roster.get(this.audioInput.whoSpeaks() ?? ROOM_SPEAKER_ID),
      quietSinceMs: (id) => this.audioInput.quietSinceMs(id, this.joinedAtMs),
      onRefused: ({ spec }) => {
        this.#notice(atCapNotice(spec, this.roster.nameOf(spec.speakerId), maxSessions));
        this.#plan(); // another of the speaker's routes may have to transcribe
      },
    });
  }

  /** A name for the next session, unique in the process. */
  #nextName(): string {
    return `${this.#options.room.participantId}.${++this.#sessionNumber}`;
  }

  #toMeetingMs(atMs: number): number {
    return atMs - this.joinedAtMs;
  }

  #notice(notice: MeetingNotice): void {
    this.#events.emit('notice', notice);
  }
}
