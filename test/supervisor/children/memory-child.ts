/**
 * A meeting process whose meeting is in its own memory: Ana is there and speaks, and a script answers her ten times a second.
 * What can go wrong with a process is asked for by signals.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadResampler, loadSpeechDetector, readWav } from '../../../audio/index.js';
import { systemClock } from '../../../src/clock.js';
import { loadLanguageDetector } from '../../../src/languages/language-detector.js';
import { runMeetingProcess } from '../../../src/meeting-process/run.js';
import { packageRoot } from '../../../src/package-root.js';
import { ScriptedBackend } from '../../../src/realtime/testing/scripted-backend.js';
import type { MeetingPlatform } from '../../../src/room/meeting-platform.js';
import { FakeMeeting } from '../../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../../src/room/testing/memory-room.js';

const hall = new FakeMeeting({ clock: systemClock });
let ownId = '';

process.on('SIGHUP', () => {
  process.stderr.write('about to abort with sk-this-is-a-secret-key\n', () => process.abort());
});
process.on('SIGUSR2', () => {
  for (const endMs = Date.now() + 60_000; Date.now() < endMs;);
});
process.on('SIGVTALRM', () => {
  hall.remove(ownId, { kind: 'duplicate', message: 'somebody joined with the same participant id' });
});

function platform(): MeetingPlatform {
  return {
    description: 'a meeting in memory',
    capabilities: { directedData: true, keptData: true, roomsByApi: false, furtherVoices: false },
    openRoom: ({ participantId, name }) => {
      ownId = participantId!;
      return Promise.resolve(new MemoryRoom({ meeting: hall, participantId: ownId, name }));
    },
    openVoice: () => Promise.reject(new Error('there is one voice')),
    createRoom: () => Promise.reject(new Error('there is one room')),
    findRoom: () => Promise.resolve(undefined),
    createToken: () => Promise.reject(new Error('there are no tokens')),
  };
}

/** Sessions that say a new word every 100 ms, numbered through all of them. */
function backend(): ScriptedBackend {
  const scripted = new ScriptedBackend();
  const open = scripted.open.bind(scripted);
  let word = 0;
  return Object.assign(scripted, {
    open: (request: Parameters<typeof open>[0]) => {
      const session = open(request);
      let startMs = 0;
      setInterval(() => {
        const ana = request.speakerId === 'ana' ? scripted.sessionOf('ana') : undefined;
        if (ana === undefined) return; // of others, or closed
        const number = ++word;
        const about = { startMs, endMs: startMs + 50 };
        startMs += 100;
        ana.answer({
          turnId: `${request.name}.${number}`,
          ...about,
          said: `palabra ${number}`,
          translation: `word ${number}`,
        });
      }, 100);
      return session;
    },
  });
}

await runMeetingProcess({
  openPlatform: () => platform(),
  openBackend: () => backend(),
  preload: async () => {
    await Promise.all([loadResampler(), loadSpeechDetector(), loadLanguageDetector()]);
    const { samples, sampleRateHz } = readWav(
      readFileSync(join(packageRoot(), 'fixtures', 'es-where-is-the-station.wav')),
    );
    hall.enter({ id: 'ben', name: 'Ben', metadata: { preferredLanguage: 'en' } });
    const ana = hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
    setInterval(() => {
      if (ana.pendingMs < 1_000) ana.say(samples, { sampleRateHz });
    }, 500);
  },
});
