import type { Clock } from '../clock.js';
import type { Participant, Room } from '../room/room.js';

/** Somebody in the call, as the events tell of them. Names and what is in `custom` are untrusted text. */
export type CallParticipant = {
  user_id: string;
  user: { id: string; name: string; custom: Readonly<Record<string, unknown>> };
  /** An interpreter or agent of ours: another one than this. */
  is_bot: boolean;
};

/** Somebody came, or went. `call_cid` is the meeting's id; `created_at` is ISO 8601. */
export type CallParticipantEvent = {
  type: 'call.session_participant_joined' | 'call.session_participant_left';
  call_cid: string;
  created_at: string;
  participant: CallParticipant;
};

/** The call is over for the agent: it was ended, or the agent is in it no more. */
export type CallEndedEvent = {
  type: 'call.session_ended' | 'call.ended';
  call_cid: string;
  created_at: string;
  /** Such as `room_closed`, `removed`, `lost`. */
  reason: string;
  /** One line for a person. */
  message: string;
};

/** A message on a topic that the program asked for. `text` and `payload` are untrusted. */
export type CustomCallEvent = {
  type: 'custom';
  call_cid: string;
  created_at: string;
  user: { id: string };
  custom: { topic: string; text: string; payload: Readonly<Record<string, unknown>> };
};

/** What happens in the call, by the names of the events. */
export type CallEvents = {
  'call.session_participant_joined': CallParticipantEvent;
  'call.session_participant_left': CallParticipantEvent;
  /** The room was closed for everybody. */
  'call.session_ended': CallEndedEvent;
  /** The agent is in the call no more, and did not leave by itself. */
  'call.ended': CallEndedEvent;
  custom: CustomCallEvent;
};

/** Any of them. */
export type CallEvent = CallEvents[keyof CallEvents];

/** Tells what happens in a room as events of a call. Returns a function that stops it. */
export function watchCall(
  room: Room,
  { clock, callId, topics }: { clock: Clock; callId: string; topics: readonly string[] },
  tell: (event: CallEvent) => void,
): () => void {
  const common = () => ({ call_cid: callId, created_at: new Date(clock.epochMs()).toISOString() });
  const stop = [
    room.events.on('participantJoined', (participant) => {
      tell({
        type: 'call.session_participant_joined',
        ...common(),
        participant: callParticipant(participant),
      });
    }),
    room.events.on('participantLeft', (participant) => {
      tell({ type: 'call.session_participant_left', ...common(), participant: callParticipant(participant) });
    }),
    room.events.on('state', (state) => {
      if (state.kind !== 'left' || state.reason.kind === 'asked') return;
      const { kind: reason, message } = state.reason;
      if (reason === 'room_closed') tell({ type: 'call.session_ended', ...common(), reason, message });
      tell({ type: 'call.ended', ...common(), reason, message });
    }),
    ...topics.map((topic) =>
      room.subscribe(topic, ({ senderId, text, payload }) => {
        tell({ type: 'custom', ...common(), user: { id: senderId }, custom: { topic, text, payload } });
      }),
    ),
  ];
  return () => {
    for (const each of stop) each();
  };
}

function callParticipant({ id, name, metadata, isBot }: Participant): CallParticipant {
  return { user_id: id, user: { id, name, custom: metadata }, is_bot: isBot };
}
