import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Responder } from '../../src/embedded/realtime-server/responses/responder.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import { readCassette } from '../../src/replay/cassette/cassette-file.js';
import type { ReplayedFile } from '../../src/replay/output/document.js';
import { planOutputs, type OutputPaths } from '../../src/replay/output/outputs.js';
import { replayFile } from '../../src/replay/recording/replay-file.js';
import type { ReplaySettings } from '../../src/replay/settings.js';

export const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');

/** Says back what it heard, under a text that counts its samples. */
export const echo: Responder = {
  name: 'echo',
  respondToAudio: ({ pcm24k }) => ({
    sourceText: `said ${pcm24k.length} samples`,
    text: `heard ${pcm24k.length} samples`,
    pcm24k,
  }),
  respondToText: () => ({ sourceText: '', text: '', pcm24k: new Int16Array(0) }),
};

export const SETTINGS: Omit<ReplaySettings, 'outDir'> = {
  backend: { kind: 'embedded', responder: 'echo' },
  pace: 'max',
  speaker: 'Ana',
  from: 'es',
  to: 'en',
  bargeIn: 'others',
  conversation: DEFAULT_CONVERSATION_CONFIG,
  secrets: [],
};

export type Replayed = {
  file: ReplayedFile;
  outputs: OutputPaths;
  wav: Buffer;
  events: LoggedEvent[];
  eventsText: string;
};

export type LoggedEvent = {
  atMs: number;
  direction: 'client' | 'server';
  event: Record<string, unknown> & { type: string };
};

/** Runs one recording at `max` on the embedded server, unless `changes` say otherwise. */
export async function run(
  path: string,
  outDir: string,
  changes: Partial<ReplaySettings> = {},
  responder: Responder = echo,
): Promise<Replayed> {
  const settings: ReplaySettings = { ...SETTINGS, outDir, ...changes };
  const outputs = planOutputs([path], outDir, settings)[0]!;
  const file = await replayFile({
    path,
    outputs,
    settings,
    responder,
    cassette: settings.backend.kind === 'cassette' ? readCassette(settings.backend.path) : undefined,
    host: 'test',
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const eventsText = readFileSync(outputs.events, 'utf8');
  const lines = eventsText.trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as LoggedEvent);
  return { file, outputs, wav: readFileSync(outputs.wav), events, eventsText };
}
