/** Sessions that only write down what is said, as `?intent=transcription` opens them: the input half of a session. */
import { ClientEventError, invalidValue, unknownParameter } from '../server/client-error.js';
import { isJsonObject, type JsonObject } from './checks.js';

const FIELDS: ReadonlySet<string> = new Set(['type', 'audio', 'include']);
/** What of the detection of turns says when to speak. */
const SPEAKING: ReadonlySet<string> = new Set(['create_response', 'interrupt_response']);

/**
 * The `session` of an update, as one of a session that speaks.
 * @throws ClientEventError for another type, and for fields of a session that speaks.
 */
export function takenTranscription(session: unknown): unknown {
  if (!isJsonObject(session)) return session;
  const { type } = session;
  if (type !== 'transcription') throw invalidValue('session.type', type, ['transcription']);
  for (const name of Object.keys(session)) if (!FIELDS.has(name)) throw unknownParameter(`session.${name}`);
  const { audio } = session;
  if (isJsonObject(audio) && audio['output'] !== undefined) throw unknownParameter('session.audio.output');
  return { ...session, type: 'realtime' };
}

/** The session that is reported: what there is of it. */
export function shownTranscription({ id, expires_at, include, audio }: JsonObject): JsonObject {
  const { input } = audio as { input: JsonObject };
  const { turn_detection: detection } = input;
  const turns = Object.fromEntries(
    Object.entries((detection ?? {}) as JsonObject).filter(([name]) => !SPEAKING.has(name)),
  );
  return {
    ...{ type: 'transcription', object: 'realtime.transcription_session', id, expires_at },
    ...(include === undefined ? {} : { include }),
    audio: { input: { ...input, turn_detection: detection === null ? null : turns } },
  };
}

/** The answer to a request for a response. */
export function onlyTranscribes(): ClientEventError {
  return new ClientEventError('invalid_value', 'A transcription session creates no responses.', 'type');
}
