/**
 * A meeting process whose meeting is in its own memory, and whose model is at a Realtime server elsewhere: Ana and Ben are there and
 * say nothing. What they would be told is told to whoever supervises.
 */
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { systemClock } from '../../../src/clock.js';
import { loadLanguageDetector } from '../../../src/languages/language-detector.js';
import { backendOf } from '../../../src/meeting-process/makers.js';
import { runMeetingProcess } from '../../../src/meeting-process/run.js';
import type { MeetingPlatform } from '../../../src/room/meeting-platform.js';
import { FakeMeeting } from '../../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../../src/room/testing/memory-room.js';

const hall = new FakeMeeting({ clock: systemClock });

const platform: MeetingPlatform = {
  description: 'a meeting in memory',
  capabilities: { directedData: true, keptData: true, roomsByApi: false, furtherVoices: false },
  openRoom: ({ participantId, name }) =>
    Promise.resolve(new MemoryRoom({ meeting: hall, participantId: participantId!, name })),
  openVoice: () => Promise.reject(new Error('there is one voice')),
  createRoom: () => Promise.reject(new Error('there is one room')),
  findRoom: () => Promise.resolve(undefined),
  createToken: () => Promise.reject(new Error('there are no tokens')),
};

await runMeetingProcess({
  openPlatform: () => platform,
  openBackend: backendOf,
  preload: async () => {
    await Promise.all([loadResampler(), loadSpeechDetector(), loadLanguageDetector()]);
    hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
    hall.enter({ id: 'ben', name: 'Ben', metadata: { preferredLanguage: 'en' } });
  },
});
