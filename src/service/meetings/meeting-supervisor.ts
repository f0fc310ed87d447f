import type { Supervisor } from '../../supervisor/supervisor.js';

/** What runs the processes of meetings. */
export type MeetingSupervisor = Pick<
  Supervisor,
  'start' | 'command' | 'acknowledge' | 'abandon' | 'status' | 'list' | 'forgetJournal' | 'events' | 'close'
>;
