/** How fast a long recording goes through everything at `max` pace, start-up excluded, and what memory it takes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav, writeWav } from '../../audio/wav.js';
import { parseLanguage } from '../../src/languages/languages.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import { packageRoot } from '../../src/package-root.js';
import { replay } from '../../src/replay/replay.js';
import { rssMib, type Row } from './measure.js';

const WANTED_MINUTES = 12;

/** Replays a recording of at least twelve minutes, made by repeating a monologue, against the embedded server. */
export async function benchReplaySpeed(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const path = join(folder, 'long.wav');
    const durationMs = writeLongRecording(path);
    const rssBeforeMib = rssMib();
    let firstStepMs: number | undefined;
    let rssPeakMib = 0;
    let endMs = 0;
    let turnCount = 0;
    let recognised = 0;
    const to = parseLanguage('en');
    const from = parseLanguage('es');
    if (to === undefined || from === undefined) throw new Error('unknown language');
    const { failure } = await replay(
      [path],
      {
        speaker: 'Bench',
        from,
        to,
        outDir: join(folder, 'out'),
        pace: 'max',
        bargeIn: 'others',
        conversation: DEFAULT_CONVERSATION_CONFIG,
        backend: { kind: 'embedded', responder: 'phrasebook' },
        secrets: [],
      },
      {
        onHost: () => undefined,
        onProgress: (_path, atMs) => {
          firstStepMs ??= performance.now();
          if (atMs <= durationMs) endMs = performance.now();
          rssPeakMib = Math.max(rssPeakMib, rssMib());
        },
        onFile: (file) => {
          turnCount = file.turns.length;
          recognised = file.turns.filter(
            (turn) => turn.sourceText !== '' && turn.translatedText !== '',
          ).length;
        },
        onFailure: (_path, error) => {
          throw error;
        },
      },
    );
    if (failure !== undefined) throw failure;
    const elapsedMs = endMs - (firstStepMs ?? 0);
    const group = 'replay at max, embedded server';
    const minutes = Math.round(durationMs / 6_000) / 10;
    return [
      {
        group,
        name: `speed on ${minutes} min`,
        value: durationMs / elapsedMs,
        unit: '× real time',
        note: `wanted: at least 50; ${turnCount} turns, ${recognised} recognised; files written as usual`,
      },
      { group, name: 'RSS, peak', value: rssPeakMib, unit: 'MiB', note: `${rssBeforeMib.toFixed(0)} before` },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeLongRecording(path: string): number {
  const source = readWav(readFileSync(join(packageRoot(), 'fixtures', 'es-monologue.wav')));
  const repeats = Math.ceil((WANTED_MINUTES * 60_000) / source.durationMs);
  const samples = new Int16Array(source.samples.length * repeats);
  for (let index = 0; index < repeats; index++) samples.set(source.samples, index * source.samples.length);
  writeFileSync(path, writeWav({ ...source, samples }));
  return source.durationMs * repeats;
}
