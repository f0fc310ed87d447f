import type { Clock } from '../../../clock.js';
import type { ParleyError } from '../../../errors.js';
import type { EventEmitter } from '../../../events.js';
import type { RealtimeClientEvent } from '../../protocol/client-events.js';
import type { SessionCounters, SessionEvents } from '../../session.js';
import type { SampleTimeline } from '../../uplink/timeline.js';
import type { ResponseMode } from '../conversation-config.js';

/** What turn taking needs of its connection. */
export type TurnTakingOptions = {
  /** Makes ids of this connection unique among all connections of the process. */
  keyPrefix: string;
  responses: ResponseMode;
  /** The server may call functions. */
  hasTools: boolean;
  /** The server was asked to transcribe what is said. */
  transcribes: () => boolean;
  /** The model that it was asked to do so with. */
  transcriptionModel: () => string | undefined;
  vad: { prefixPaddingMs: number; silenceDurationMs: number };
  timeline: SampleTimeline;
  /** The meeting's time just behind the speaker's last audio, silence fed in its place not counted. */
  audioEndMs: () => number;
  clock: Clock;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** The instructions in force. */
  instructions: () => string;
  /** The server will answer nothing on this connection any more: its key, model or quota is at an end. */
  onUnusable: (error: ParleyError) => void;
  /** No response is running, and none is asked for until this returns. */
  betweenResponses: () => void;
  /** Sends an event and returns the id that it was given. */
  send: (event: RealtimeClientEvent) => string;
};
