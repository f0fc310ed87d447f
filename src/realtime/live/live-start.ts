import { systemClock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { Handshake } from '../connection/handshake.js';
import { judgeServerError, type ServerError } from '../connection/server-errors.js';
import {
  closedWhileConnecting,
  endedByServer,
  unknownModel,
  UnknownModelError,
} from '../connection/session-failures.js';
import type { LiveClientEvent } from '../protocol/live-client-events.js';
import { parseLiveEvent } from '../protocol/live-server-events.js';
import type { OpenTransport, ParsedMessage, RealtimeTransport } from '../transport.js';
import { type LiveConfig, liveSessionOf } from './live-config.js';

/** Of a session that nobody speaks in. */
const CHECK_INSTRUCTIONS = 'Say nothing.';

/** Why a session that was asked for is not started, where the service answers with this error. */
export function whyNotStarted(error: ServerError, model: string, handshake: Handshake): ParleyError {
  if (error.param === 'session.model' || error.code === 'invalid_model') return unknownModel(model);
  const verdict = judgeServerError(error);
  return verdict.kind === 'fatal' ? verdict.error : handshake.refusal(error);
}

/**
 * Starts a live session and ends it at once; the service bills the moment between. That a connection opens tells little here: it
 * is the start that a service refuses to an account or for a model. Rejects with ParleyError `key_refused` or
 * `service_unavailable`, where neither the model nor the one that would take its place is started.
 */
export async function checkLiveStart(open: OpenTransport, config: LiveConfig): Promise<void> {
  const { model, fallbackModel } = config;
  try {
    await startOnce(open, config, model);
  } catch (error) {
    if (!(error instanceof UnknownModelError) || fallbackModel === undefined || fallbackModel === model)
      throw error;
    await startOnce(open, config, fallbackModel);
  }
}

async function startOnce(open: OpenTransport, config: LiveConfig, model: string): Promise<void> {
  let transport: RealtimeTransport | undefined;
  const send = (event: LiveClientEvent): void => {
    transport?.send(JSON.stringify({ event_id: `check.${event.type}`, ...event }));
  };
  const onMessage = (text: string, raw?: ParsedMessage): void => {
    const parsed = parseLiveEvent(raw ?? text);
    if (parsed.kind !== 'event') {
      if (parsed.type === 'session.started') handshake.updated(undefined);
      return;
    }
    const { event } = parsed;
    if (event.type === 'session.started') handshake.updated(event.session.expires_at);
    else if (event.type === 'error') handshake.stop(whyNotStarted(event.error, model, handshake));
    else if (event.type === 'session.closed') handshake.stop(endedByServer());
  };
  const handshake = new Handshake({
    ...{ open, greets: false, replaces: false },
    clock: systemClock, // servers elsewhere live in real time, whatever clock the meeting has
    configure: () => {
      send({ type: 'session.start', session: liveSessionOf(config, model, CHECK_INSTRUCTIONS) });
    },
    opened: (opened) => {
      transport = opened;
    },
    message: onMessage,
    lost: (error) => {
      handshake.stop(error);
    },
  });
  try {
    await handshake.begin();
    send({ type: 'session.close' });
  } finally {
    handshake.stop(closedWhileConnecting());
    transport?.close(1000);
  }
}
