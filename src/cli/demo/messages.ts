/** What the demo and its participants, which are processes of their own, tell each other. */

/** To a participant. */
export type ParticipantOrder =
  | {
      kind: 'join';
      meetingId: string;
      /** For this meeting and participant only. */
      token: string;
      participantId: string;
      name: string;
      /** The language subtag that this participant speaks and wants to hear. */
      language: string;
      /** Announces an app that plays one of the interpreter's voices only, and is one. */
      playsOneChannel?: boolean;
      /** Where an interpreter finds who they are. */
      fastinoUserId?: string | undefined;
      signalingBaseUrl: string;
      ca: string;
    }
  | { kind: 'say'; phraseId: string }
  | { kind: 'leave' };

/** From a participant. Times are milliseconds since 1970: all processes run on one machine. */
export type ParticipantReport =
  | { kind: 'joined' }
  /** The last sample went into the microphone. */
  | { kind: 'said'; phraseId: string; endedAtMs: number }
  /** An interpreter spoke. `phrases` is empty for speech that is no phrase of the book. */
  | {
      kind: 'heard';
      phrases: readonly { phraseId: string; language: string; text: string }[];
      startedAtMs: number;
      endedAtMs: number;
    }
  | { kind: 'left' }
  | { kind: 'failed'; message: string };
