import type { BudgetState, CostMeter } from '../cost/cost-meter.js';
import { counter, gauge, type Metric } from '../metrics.js';
import type { SessionCounters } from '../realtime/session.js';
import type { Room } from '../room/room.js';
import type { MeetingCore } from './meeting-core.js';

/** What numbers of a meeting are read from. */
type MeetingMetricsSources = {
  core: MeetingCore;
  room: Room;
  /** Undefined where nothing is billed. */
  meter: CostMeter | undefined;
};

/** What each counter of all sessions counts. */
const SESSION_HELP: Readonly<Record<keyof SessionCounters, readonly [name: string, help: string]>> = {
  audioSentMs: ['audio_sent_ms', 'Speech that was sent to sessions, silence between words included.'],
  audioDroppedMs: ['audio_dropped_ms', 'Speech that was dropped because a connection was too slow.'],
  staleAudioDroppedMs: [
    'audio_dropped_stale_ms',
    'Speech that was dropped because it was too old when its connection was back.',
  ],
  silenceFedMs: ['silence_fed_ms', 'Silence that was sent to sessions in place of audio that did not come.'],
  audioReceivedMs: ['translation_audio_ms', 'Audio of translations as sessions sent it, filler included.'],
  fillerDroppedMs: ['translation_filler_ms', 'Zeros between the words of a continuous engine, left out.'],
  lateAudioDroppedMs: [
    'translation_audio_dropped_late_ms',
    'Translated speech that was left to captions because it came too late to be heard.',
  ],
  delegations: ['delegations', 'Times that a model which is to interpret handed work over.'],
  endsWithoutUsage: [
    'sessions_without_final_usage',
    'Sessions billed by time that ended without telling how long they were.',
  ],
  turns: ['turns', 'Turns of speakers.'],
  responses: ['responses', 'Translations that were asked for.'],
  responsesRetried: ['responses_retried', 'Translations that failed and were asked for once more.'],
  continuations: ['continuations', 'Translations that were asked to go on where they had stopped.'],
  truncations: ['truncations', 'Translations that a session was told were cut.'],
  itemsDeleted: ['items_deleted', 'Items that were taken out of a session’s history.'],
  lateDeltas: ['late_deltas', 'Pieces of translations that came after they were cut.'],
  unknownEvents: ['unknown_events', 'Events of a server that are not known.'],
  malformedEvents: ['malformed_events', 'Events of a server that could not be read.'],
  benignErrors: ['benign_errors', 'Requests that a server refused because they had become moot.'],
  reconnects: ['reconnects', 'Connections that were lost and replaced.'],
  rotations: ['rotations', 'Connections that were replaced before they expired.'],
  listenerErrors: ['session_listener_errors', 'How many times a listener of a session has thrown.'],
};

const BUDGET_STATES: readonly BudgetState[] = ['within', 'near', 'spent'];

/** Everything that is counted in a meeting, as it stands now. */
export function meetingMetrics({ core, room, meter }: MeetingMetricsSources): readonly Metric[] {
  const { events, parts, roster, routes, routeEvents, tally, channels, audioInput } = core;
  const { total } = tally;
  return [
    gauge('people', 'People in the meeting, interpreters not counted.', roster.people().length),
    gauge('routes', 'Routes: one for each speaker and target language.', routes.all.length),
    gauge('sessions_open', 'Sessions that are open or finishing.', routes.sessionCount),
    counter(
      'session_failures',
      'Sessions that failed; their route waits before the next one.',
      routes.failures,
    ),
    counter(
      'translations_captions_only',
      'Translations that became captions only because too much was waiting to be heard.',
      routeEvents.captionsOnly,
    ),
    ...(Object.keys(SESSION_HELP) as (keyof SessionCounters)[]).map((key) =>
      counter(...SESSION_HELP[key], total[key]),
    ),
    ...channels.metrics(),
    ...audioInput.metrics(),
    ...parts.metrics(),
    ...(meter === undefined ? [] : costMetrics(meter)),
    counter(
      'listener_errors',
      'How many times a listener of the meeting’s events has thrown.',
      events.listenerErrors,
    ),
    counter('part_errors', 'How many times a part of the meeting has thrown.', parts.errors),
    ...(room.metrics?.() ?? []),
  ];
}

function costMetrics({ total, budgetUsd, budgetState }: CostMeter): Metric[] {
  return [
    counter('cost_usd', 'What the meeting has cost in US dollars, an estimate.', total.usd),
    counter('cost_unpriced_uses', 'Uses of models whose price is not known.', total.unpriced),
    ...(budgetUsd === undefined
      ? []
      : [
          gauge('budget_usd', 'What the meeting may cost in US dollars.', budgetUsd),
          gauge(
            'budget_state',
            'The budget: 0 within it, 1 most of it spent, 2 all of it spent.',
            BUDGET_STATES.indexOf(budgetState),
          ),
        ]),
  ];
}
