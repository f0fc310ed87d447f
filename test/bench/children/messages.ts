/** What benchmarks and their child programs tell each other. Times are milliseconds of `monotonicMs`. */
import type { EngineName } from '../../../src/realtime/engines.js';
import type { Continuity } from '../continuity.js';

/** How to reach and enter the embedded room. */
export type RoomAddress = {
  signalingBaseUrl: string;
  ca: string;
  apiKey: string;
  secret: string;
  roomId: string;
};

/** The same for one participant: with the keys, or with a token of their own. */
export type ParticipantAddress =
  RoomAddress | (Pick<RoomAddress, 'signalingBaseUrl' | 'ca' | 'roomId'> & { token: string });

/** `room-server-child`, given its cache folder. */
export type RoomServerReport = { kind: 'started'; address: RoomAddress };

/** What the Realtime server answers a turn with: `signal` once, and nothing from then on. */
export type Answer =
  | { what: 'nothing' }
  | { what: 'tone'; durationMs: number }
  | { what: 'speech' }
  | { what: 'signal'; durationMs: number };
/** `realtime-child`. */
export type RealtimeOrder = { kind: 'answer'; answer: Answer } | { kind: 'count' };
export type RealtimeReport =
  | { kind: 'started'; url: string; urls: Readonly<Record<EngineName, string>> }
  | { kind: 'answering' }
  /** Messages, and audio in them, received so far, over all sessions. */
  | { kind: 'counted'; messages: number; audioMs: number };

/** `bot-child`. */
export type BotOrder =
  /** `marks`: tells of every onset on its way. It costs CPU. */
  | { kind: 'join'; address: RoomAddress; realtimeUrl: string; marks: boolean }
  /** Frames of participants go on to the meeting, or end where they arrive. */
  | { kind: 'stream'; on: boolean }
  | { kind: 'measure' }
  | { kind: 'watchOutput' }
  | { kind: 'output' }
  /** From here on the way of each chunk is watched; `chunkDelays` takes what was seen. It costs CPU. */
  | { kind: 'watchChunks' }
  | { kind: 'chunkDelays' }
  | { kind: 'leave' };
export type BotReport =
  | { kind: 'joined'; tookMs: number; atMs: number }
  | { kind: 'streaming' }
  | { kind: 'measured'; cpuMs: number; atMs: number; rssMib: number; sessions: number; audible: number }
  | { kind: 'watching' }
  | { kind: 'output'; output: Output }
  | { kind: 'watchingChunks' }
  /** From the sink's callback with a chunk's last sample to its `send`, by chunk; `unmatched` had no frame of their own. */
  | { kind: 'chunkDelays'; delaysMs: number[]; unmatched: number }
  | { kind: 'mark'; stage: BotStage; atMs: number }
  | { kind: 'left' };
/** Where a mark was seen: the bot's sink, `send` of the socket, the first delta of an answer, our audio source. */
export type BotStage = 'sink' | 'sent' | 'delta' | 'played';

/** What the bot handed to its audio source, from the first frame with sound since it was told to watch to the last one. */
export type Output = {
  /** Frames with sound, and silent ones between two of them. */
  soundingFrames: number;
  silentFramesInside: number;
  /** Frames handed over after the moment that they stand for. */
  overdueFrames: number;
  reanchors: number;
  skippedMs: number;
};

/** `participant-child`. */
export type ParticipantOrder =
  | {
      kind: 'join';
      address: ParticipantAddress;
      id: string;
      language: string;
      hearsBot: boolean;
      speaks: boolean;
    }
  /** Speaks on and on, from this place of a monologue. */
  | { kind: 'talk'; offsetMs: number }
  | { kind: 'hush' }
  /** A click of a tone and a phrase, once. */
  | { kind: 'say' }
  /** Waits for the known signal of this length, and compares what it hears with it. */
  | { kind: 'compare'; durationMs: number };
export type ParticipantReport =
  | { kind: 'joined' }
  /** Its first sample, and its last one, were handed to the microphone. */
  | { kind: 'said'; startedAtMs: number; endedAtMs: number }
  | { kind: 'mark'; stage: 'heard'; atMs: number }
  | { kind: 'compared'; continuity: Continuity; jitterBuffer: JitterBuffer };

/** What the receiver's jitter buffer did meanwhile, in milliseconds of audio (WebRTC statistics, RTCInboundRtpStreamStats). */
export type JitterBuffer = {
  concealedMs: number;
  insertedMs: number;
  removedMs: number;
  packetsLost: number;
};

/** `playout-child`, given the mode and the duration. */
export type PlayoutReport = {
  kind: 'measured';
  latenessMs: { p50: number; p99: number; max: number };
  frames: number;
  reanchors: number;
};

/** `stall-child`: mean delay in the jitter buffer of each listener before and after the stall. */
export type StallReport = { kind: 'measured'; beforeMs: number[]; afterMs: number[] };

/** `sessions-child` and `livekit-child`. */
export type SessionsOrder =
  /**
   * Opens so many routes, which hear somebody who speaks on and on, each from another place of a monologue. `engine`:
   * conversation by default. `url`: of its sessions.
   */
  { kind: 'open'; count: number; url: string; engine?: EngineName } | { kind: 'measure' };
export type SessionsReport =
  | { kind: 'opened' }
  /**
   * Garbage is collected first. `lateFrames`: were handed over more than 100 ms after their time. `spokenMs`: of translations, sound
   * and pauses, so far, over all sessions.
   */
  | {
      kind: 'measured';
      cpuMs: number;
      atMs: number;
      rssMib: number;
      ready: number;
      lateFrames: number;
      spokenMs: number;
    };
