/** What a meeting is made of, and how it is spoken to. */
import type { Company } from '../interpreter/notices/language-notices.js';
import type { Clock } from '../clock.js';
import type { BargeInPolicy } from '../interpreter/playback/barge-in.js';
import type { ChannelsMode } from '../interpreter/plan/channel-plan.js';
import type { LanguageTag } from '../languages/languages.js';
import type { Room } from '../room/room.js';
import type { BriefingSettings } from './briefing/briefing.js';
import type { OpenChannel } from './speaking/channel-rooms.js';
import type { SpeechStyle } from './speaking/speech-style.js';
import type { CaptionSettings } from './captions/meeting-captions.js';
import type { MeetingPart } from './meeting-part.js';
import type { OpenSession } from './open-session.js';
import type { EngineSettings } from './routes/route-engine.js';
import type { MeetingBudget } from '../cost/spending.js';

/**
 * `per-speaker`: every speaker has a session of their own per language. `shared`: one session hears the whole room and
 * interprets between two languages, both ways; anybody who speaks silences it.
 */
export type Topology = 'per-speaker' | 'shared';

/** How a meeting is interpreted and spoken to. */
export type SpeakingOptions = {
  /** A session for each speaker and language, or one for the whole room; `per-speaker` by default. */
  topology?: Topology;
  bargeIn: BargeInPolicy;
  /** How long somebody speaks before they silence what is being spoken, 500 by default; it is turned down at once. */
  bargeInMinMs?: number;
  /** The longest sound that may be a backchannel, 700 by default: playback goes on after it, and it is not interpreted. */
  backchannelMaxMs?: number;
  /** What two microphones in one room hear of one person is interpreted once, by the nearer one; true by default. */
  mergesMicrophones?: boolean;
  /** The sound of a shared screen is interpreted as if whoever shares it said it; false by default: it is not heard. */
  interpretsShares?: boolean;
  /** Speech of very quiet microphones is raised; true by default. */
  raisesQuiet?: boolean;
  /** How long a translation may wait before it is spoken, 8 s by default; what would wait longer is read only. */
  maxBacklogMs?: number;
  /** One voice for all, or one for each language; `auto` by default. */
  voices?: ChannelsMode;
  /** What one voice speaks; by default the two languages that are needed most. */
  voiceLanguages?: readonly LanguageTag[];
  /** How each language is spoken; absent: as the sessions are configured. */
  styleOf?: (to: LanguageTag) => SpeechStyle;
  /** Makes the rooms of further voices; absent: there is one voice. */
  openChannel?: OpenChannel;
  /** Said once in each language that somebody here prefers, when the first of them has come; absent: nothing is said. */
  announcement?: string;
  /** What is written to those who are not told aloud, beside that there is an interpreter. */
  company?: Company;
};

/** What a meeting is made of. */
export type MeetingOptions = SpeakingOptions & {
  /** Not joined yet. */
  room: Room;
  openSession: OpenSession;
  clock: Clock;
  /** Names of sessions, and ids of turns and captions, begin with it; our id in the room by default. */
  sessionPrefix?: string;
  /** How the interpreter is called in the meeting, `Parley` by default. */
  name?: string;
  /** The meeting's languages; empty or absent: whatever people prefer. */
  languages?: readonly LanguageTag[];
  captions?: CaptionSettings;
  /** Which engines interpret; absent: the conversation engine. */
  engines?: EngineSettings;
  /** What the meeting may cost; absent: whatever it does. */
  budget?: MeetingBudget;
  /** Sessions open at a time, 24 by default. */
  maxSessions?: number;
  /** A session closes after its speaker was silent for so long, and opens again with the next word. 120 s by default. */
  closeAfterSilenceMs?: number;
  /** What sessions are told beside names and languages. */
  briefing?: BriefingSettings;
  /**
   * Whose words are written down although nobody needs a translation, asked at every plan; how they sounded is kept for some seconds,
   * see `MeetingContext.soundOf`. Nobody's by default.
   */
  writesDown?: (participantId: string) => boolean;
  /** What attaches to the meeting beside what it always has, in no particular order. */
  parts?: readonly MeetingPart[];
  /** Told when a listener or a part of this meeting throws, and which; the meeting goes on. */
  onListenerError?: (error: unknown, eventName: string) => void;
};
