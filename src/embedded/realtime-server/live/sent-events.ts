/** What the stand-in tells its client on a live session: of ServerEvent (openai@7.55.0), what a session by WebSocket can be told. */
import type { LiveConfiguration } from './client-events.js';

/** The session as it is told. */
export type LiveView = Omit<LiveConfiguration, 'input'> & {
  id: string;
  /** In seconds since 1970. */
  expires_at: number;
  status: 'active';
};

/** Why a session ended. */
export type CloseReason = 'close_requested' | 'expired' | 'content' | 'connection_lost';

/** A stretch of the session's clock. */
type Window = { start_ms: number; end_ms: number };
/** The client event that is answered, where it had an id. */
type Answer = { client_event_id?: string };
type Usage = { seconds: number };

/** An event without its id; audio has none. The code of an error may be null, as the documentation allows. */
export type LiveSentEvent =
  | ({ type: 'session.started' | 'session.updated'; session: LiveView } & Answer)
  | { type: 'session.output_audio.delta'; delta: string; start_ms?: number; end_ms?: number }
  | ({ type: 'session.input_transcript.delta' | 'session.output_transcript.delta'; delta: string } & Window)
  | ({ type: 'session.input_audio.muted' | 'session.input_audio.unmuted' } & Answer)
  | ({
      type: 'session.instructions.appended' | 'session.thinking.appended' | 'session.commentary.appended';
    } & Window &
      Answer)
  | ({ type: 'session.output_audio.fixture.playing' | 'session.output_audio.fixture.played' } & Answer)
  | {
      type: 'session.delegation.created';
      offset_ms: number;
      delegation: { id: string; type: 'delegation'; target: 'client' };
    }
  | { type: 'session.usage.updated'; usage: Usage; context_window?: { usage_ratio: number } }
  | { type: 'session.closed'; reason: CloseReason; session: LiveView; usage: Usage }
  | ({
      type: 'error';
      error: { type: string; code: string | null; message: string; param?: string } & Answer;
    } & Answer);
