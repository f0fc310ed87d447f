/**
 * A meeting process whose meeting is in its own memory: Ana is there and speaks, and a script answers her ten times a second.
 * What can go wrong with a process is asked for by signals. Where the assignment names a signalling server, that is one which
 * several processes share (`service/faults/meeting-registry.ts`): it learns of each who is in a meeting, and which words were said.
 */
import { readFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { loadResampler, loadSpeechDetector, readWav } from '../../../audio/index.js';
import { systemClock } from '../../../src/clock.js';
import { loadLanguageDetector } from '../../../src/languages/language-detector.js';
import type { PlatformSpec } from '../../../src/meeting-process/protocol.js';
import { runMeetingProcess } from '../../../src/meeting-process/run.js';
import { packageRoot } from '../../../src/package-root.js';
import { ScriptedBackend } from '../../../src/realtime/testing/scripted-backend.js';
import type { MeetingPlatform } from '../../../src/room/meeting-platform.js';
import { FakeMeeting } from '../../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../../src/room/testing/memory-room.js';

const hall = new FakeMeeting({ clock: systemClock });
let ownId = '';
/** Open as long as we are in a meeting that several processes share. */
let stay: ClientRequest | undefined;

process.on('SIGHUP', () => {
  process.stderr.write('about to abort with sk-this-is-a-secret-key\n', () => process.abort());
});
process.on('SIGUSR2', () => {
  for (const endMs = Date.now() + 60_000; Date.now() < endMs;);
});
process.on('SIGVTALRM', () => {
  hall.remove(ownId, { kind: 'duplicate', message: 'somebody joined with the same participant id' });
});

/** Resolves when we are there. Whoever comes under our id later puts us out. */
function register(server: string, meetingId: string): Promise<void> {
  const query = new URLSearchParams({ meeting: meetingId, participant: ownId, pid: String(process.pid) });
  const entering = request(`http://${server}/stay?${query.toString()}`, { method: 'POST' });
  return new Promise((resolve, reject) => {
    entering.on('error', reject); // it means nothing later: a meeting that cannot be reached goes on without us
    entering.once('response', (response) => {
      stay = entering;
      response.resume();
      response.on('error', () => undefined);
      response.once('end', () => {
        hall.remove(ownId, { kind: 'duplicate', message: 'somebody joined with the same participant id' });
      });
      resolve();
    });
    entering.flushHeaders();
  });
}

class SharedRoom extends MemoryRoom {
  readonly #enter: () => Promise<void>;

  constructor(options: ConstructorParameters<typeof MemoryRoom>[0], enter: () => Promise<void>) {
    super(options);
    this.#enter = enter;
  }

  override async join(): Promise<void> {
    await this.#enter();
    await super.join();
  }

  override async leave(): Promise<void> {
    stay?.destroy();
    stay = undefined;
    await super.leave();
  }
}

function platform({ signalingBaseUrl }: PlatformSpec): MeetingPlatform {
  return {
    description: 'a meeting in memory',
    capabilities: { directedData: true, keptData: true, roomsByApi: false, furtherVoices: false },
    openRoom: ({ meetingId, participantId, name }) => {
      ownId = participantId!;
      const place = { meeting: hall, participantId: ownId, name };
      const room =
        signalingBaseUrl === undefined
          ? new MemoryRoom(place)
          : new SharedRoom(place, () => register(signalingBaseUrl, meetingId));
      return Promise.resolve(room);
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
        stay?.write(`${number}\n`);
      }, 100);
      return session;
    },
  });
}

await runMeetingProcess({
  openPlatform: (spec) => platform(spec),
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
