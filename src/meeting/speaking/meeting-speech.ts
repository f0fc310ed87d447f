/** How parts of a meeting speak in it with sessions of their own. */
import type { OutputChannel } from '../../interpreter/playback/output-channel.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { OpenSession } from '../open-session.js';
import type { SpeechStyle } from './speech-style.js';

/** What a part that speaks is made with. */
export type MeetingSpeech = {
  /** Counted with all sessions of the meeting, and billed to it. */
  readonly openSession: OpenSession;
  /** A name for the next session, unique in the process. */
  nextName(): string;
  /** The voice that speaks a language; undefined where it is read only. */
  voiceFor(to: LanguageTag): OutputChannel | undefined;
  styleOf(to: LanguageTag): SpeechStyle;
  /** The interpreter itself says this, in this language: for captions. */
  announced(text: string, language: LanguageTag): void;
  /** A turn of our own is heard from now on. */
  heard(turn: TurnRecord): void;
};
