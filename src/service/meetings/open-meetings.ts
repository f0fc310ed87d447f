/** Meetings of this machine with everything that they take: a supervisor, a recorder, and claims in the database. */
import type { DocumentLibrary } from '../../agent/documents/document-library.js';
import { type Claims } from '../../fleet/fleet-runner.js';
import { storeClaims } from '../../fleet/store-claims.js';
import { claim, holdsClaim } from '../../records/store/bots.js';
import { Supervisor, type SupervisorOptions } from '../../supervisor/supervisor.js';
import { meetingQuestions } from '../agent/meeting-questions.js';
import { LocalMeetings, type LocalMeetingsOptions } from './local-meetings.js';
import type { MeetingSupervisor } from './meeting-supervisor.js';
import { Recorder } from './recorder.js';

type OpenMeetingsOptions = Omit<LocalMeetingsOptions, 'supervisor' | 'recorder'> & {
  readonly runFolder: string;
  /** What agents answer from. */
  readonly documentsOf: (workspaceId: string) => DocumentLibrary;
  readonly openSupervisor?: ((options: SupervisorOptions) => Promise<MeetingSupervisor>) | undefined;
};

export async function openMeetings(options: OpenMeetingsOptions): Promise<{
  meetings: LocalMeetings;
  supervisor: MeetingSupervisor;
  recorder: Recorder;
  claims: Claims;
}> {
  const { database, fleet, workerId, runFolder, slots, documentsOf, clock, log } = options;
  const { openSupervisor = (about: SupervisorOptions) => Supervisor.open(about) } = options;
  // Each is asked by what is made before it.
  const made: { meetings?: LocalMeetings; supervisor?: MeetingSupervisor } = {};
  const claims = storeClaims(database, workerId, (tx, bot) => made.meetings!.beginClaim(tx, bot));
  const supervisor = await openSupervisor({
    // Where nothing runs, nothing is kept ready.
    ...{ runFolder, log, clock, spares: Math.min(1, slots) },
    nextEpoch: async (botId) => {
      const epoch = made.supervisor?.status(botId)?.epoch;
      // In a fleet somebody else may have it by now.
      const next =
        fleet === undefined || epoch === undefined
          ? await database.transaction((tx) => claim(tx, botId, workerId))
          : await claims.renew(botId, epoch);
      return next ?? 'fenced';
    },
    confirmEpoch: (botId, epoch) => holdsClaim(database.orm, botId, epoch),
    answerQuestion: meetingQuestions({ database, documentsOf }),
  });
  made.supervisor = supervisor;
  const recorder = new Recorder({
    ...{ database, clock, log },
    onKept: (botId, epoch, seq) => {
      supervisor.acknowledge(botId, epoch, seq);
    },
  });
  const meetings = new LocalMeetings({ ...options, supervisor, recorder });
  made.meetings = meetings;
  return { meetings, supervisor, recorder, claims };
}
