/** A process that supervises one meeting, until it is killed: `owner.ts RUN_FOLDER PROGRAM`. */
import { createLogger } from '../../../src/log.js';
import { Supervisor } from '../../../src/supervisor/supervisor.js';

const [, , runFolder, path] = process.argv;
const supervisor = await Supervisor.open({
  runFolder: runFolder!,
  program: { path: path!, execArgv: [] },
  spares: 0,
  log: createLogger({ level: 'silent' }),
  nextEpoch: () => Promise.resolve(2),
  confirmEpoch: () => Promise.resolve(true),
});
supervisor.events.on('state', (botId, _, state) => {
  if (state === 'active') process.stdout.write(`${supervisor.status(botId)!.pid}\n`);
});
supervisor.start({
  ...{ botId: 'bot', epoch: 1, place: 'memory', meetingId: 'room', participantId: 'parley-bot' },
  settings: { languages: ['es', 'en'], announcement: false },
  platform: { kind: 'embedded', credentials: { kind: 'keys', apiKey: 'key', secret: 'secret' } },
  backend: { kind: 'embedded', url: 'ws://127.0.0.1:1', key: 'k', model: 'm', description: 'a script' },
});
