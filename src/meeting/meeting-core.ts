import { EventEmitter } from '../events.js';
import { ROOM_SPEAKER_ID } from '../interpreter/plan/two-way.js';
import { Briefing } from './briefing/briefing.js';
import { MeetingAudioInput } from './listening/meeting-audio-input.js';
import type { MeetingEvents } from './meeting-events.js';
import type { MeetingOptions } from './meeting-options.js';
import { MeetingTime } from './meeting-time.js';
import { PartHost } from './part-host.js';
import { Roster } from './people/roster.js';
import { RouteEvents } from './routes/route-events.js';
import { RouteSet } from './routes/route-set.js';
import { SessionTally } from './routes/session-tally.js';
import { Announcer } from './speaking/announcer.js';
import type { MeetingSpeech } from './speaking/meeting-speech.js';
import { OutputChannels } from './speaking/output-channels.js';
import { SpeechStyles } from './speaking/speech-styles.js';

/** Sessions open at a time where nothing else is said. */
const MAX_SESSIONS = 24;

/** What a meeting cannot do without: each knows those before it, and tells what happens to it by events. */
export type MeetingCore = {
  readonly events: EventEmitter<MeetingEvents>;
  readonly parts: PartHost;
  readonly time: MeetingTime;
  readonly tally: SessionTally;
  readonly styles: SpeechStyles;
  readonly roster: Roster;
  readonly briefing: Briefing;
  readonly channels: OutputChannels;
  readonly audioInput: MeetingAudioInput;
  readonly routeEvents: RouteEvents;
  readonly routes: RouteSet;
  readonly announcer: Announcer;
  /** For parts that speak with sessions of their own. */
  readonly speech: MeetingSpeech;
};

/** Makes the core of a meeting. What happens when is for the meeting to say. */
export function createMeetingCore(options: MeetingOptions): MeetingCore {
  const { clock, room, topology, engines, onListenerError } = options;
  const events = new EventEmitter<MeetingEvents>(onListenerError);
  const parts = new PartHost(onListenerError);
  const time = new MeetingTime(clock);
  const tally = new SessionTally();
  const openSession = tally.counted(options.openSession);
  const styles = new SpeechStyles(options.styleOf);
  const styleOf = styles.styleOf.bind(styles);
  const nextName = sessionNames(options.sessionPrefix ?? room.participantId);
  const roster = new Roster({ clock, onListenerError });
  const briefing = new Briefing({ ...options.briefing, clock, roster, onListenerError });
  const channels = newChannels(options);
  const voiceFor = channels.voiceFor.bind(channels);
  const audioInput = new MeetingAudioInput({
    ...{ clock, topology, voices: channels, onListenerError },
    mergesMicrophones: options.mergesMicrophones ?? true,
    raisesQuiet: options.raisesQuiet ?? true,
    keepsSpeechOf: options.writesDown,
  });
  const routeEvents = new RouteEvents({
    ...{ meetingEvents: events, parts, briefing, engines, roster, onListenerError },
  });
  const routes = new RouteSet({
    clock,
    openSession,
    voiceFor,
    styleOf,
    instructionsFor: (spec, engine) => briefing.instructionsFor(spec, engine),
    ...(engines === undefined ? {} : { engines }),
    needsOf: (spec) => briefing.needsOf(spec),
    writesOnly: () => channels.writesOnly,
    nextName,
    handlers: routeEvents,
    maxSessions: options.maxSessions ?? MAX_SESSIONS,
    whoSpeaks: () => roster.get(audioInput.whoSpeaks() ?? ROOM_SPEAKER_ID),
    quietSinceMs: (id) => audioInput.quietSinceMs(id, time.joinedAtMs),
    onListenerError,
  });
  audioInput.feed(routes);
  const speech: MeetingSpeech = {
    ...{ openSession, nextName, voiceFor, styleOf },
    announced: (text, to) => {
      parts.call('announced', text, to);
    },
    heard: (turn) => {
      parts.call('played', turn, 'heard');
    },
  };
  const announcer = new Announcer({ clock, speech, speakerId: room.participantId });
  return {
    ...{ events, parts, time, tally, styles, roster, briefing },
    ...{ channels, audioInput, routeEvents, routes, announcer, speech },
  };
}

/** Names of sessions, unique in the process. */
function sessionNames(prefix: string): () => string {
  let number = 0;
  return () => `${prefix}.${++number}`;
}

function newChannels(options: MeetingOptions): OutputChannels {
  const {
    clock,
    bargeIn,
    bargeInMinMs = 500,
    backchannelMaxMs = 700,
    maxBacklogMs = 8_000,
    voices = 'auto',
  } = options;
  const { voiceLanguages, openChannel, topology, onListenerError } = options;
  const shared = topology === 'shared';
  return new OutputChannels({
    clock,
    settings: {
      mode: shared ? 'one' : voices,
      voiceLanguages,
      bargeIn: shared ? 'any' : bargeIn,
      bargeInMinMs,
      backchannelMaxMs,
      maxBacklogMs,
    },
    ...(openChannel === undefined ? {} : { openChannel }),
    onListenerError,
  });
}
