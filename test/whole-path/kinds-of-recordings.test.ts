/**
 * Kinds of recordings and meetings that people bring, one small file of each: all recordings in one run of `parley replay`, all
 * meetings in another, and what came of them beside what is right, as a table.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav, writeWav } from '../../audio/wav.js';
import type { MeetingDocument } from '../../src/replay/meeting/document.js';
import type { ReplayDocument } from '../../src/replay/output/document.js';
import { parseSrt } from '../captions/parse.js';
import { cli } from '../cli/run-cli.js';
import { encode } from '../media/encode.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const RATE_HZ = 16_000;
const STATION = '¿Dónde está la estación de tren más cercana?';
/** The phrase, from 0.3 s to 2.8 s of 3.2 s. */
const PHRASE = readWav(
  readFileSync(join(FIXTURES, 'es-where-is-the-station-16000-8bit.wav')),
).samples.subarray(0, 3.2 * RATE_HZ);

const silence = (ms: number) => new Int16Array((ms * RATE_HZ) / 1000);
const wav = (samples: Int16Array, channelCount = 1) =>
  writeWav({ sampleRateHz: RATE_HZ, channelCount, samples });

function row(...parts: Int16Array[]): Int16Array {
  const samples = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}

function stereo(left: Int16Array, right: Int16Array): Int16Array {
  const samples = new Int16Array(Math.max(left.length, right.length) * 2);
  left.forEach((sample, index) => (samples[index * 2] = sample));
  right.forEach((sample, index) => (samples[index * 2 + 1] = sample));
  return samples;
}

const coded = (samples: Int16Array, args: readonly string[], out: string) =>
  encode({ inputs: { 'in.wav': wav(samples) }, args: ['-i', 'in.wav', ...args], out });

/** Opus in WebM without the packets of 20 ms in between, as when nothing was sent. */
async function withGap(samples: Int16Array, from: number, to: number): Promise<Uint8Array> {
  const whole = await coded(samples, ['-c:a', 'libopus'], 'a.webm');
  const args = ['-i', 'a.webm', '-c', 'copy', '-bsf:a', `noise=drop='between(n,${from},${to})'`];
  return encode({ inputs: { 'a.webm': whole }, args, out: 'b.webm' });
}

function lateStart(): Promise<Uint8Array> {
  const video = ['-f', 'lavfi', '-i', 'color=c=black:s=64x64:r=5:d=15', '-itsoffset', '12', '-i', 'in.wav'];
  const args = [...video, '-map', '0:v', '-map', '1:a', '-c:v', 'mpeg4', '-c:a', 'aac', '-b:a', '96k'];
  return encode({ inputs: { 'in.wav': wav(PHRASE) }, args, out: 'a.mp4' });
}

function twoTracks(): Promise<Uint8Array> {
  const inputs = { 'desktop.wav': wav(silence(3200)), 'microphone.wav': wav(PHRASE) };
  const args = ['-i', 'desktop.wav', '-i', 'microphone.wav', '-map', '0:a', '-map', '1:a', '-c:a', 'flac'];
  return encode({ inputs, args, out: 'a.mkv' });
}

function unsized(): Uint8Array {
  const bytes = Buffer.from(wav(PHRASE));
  bytes.writeUInt32LE(0, 4);
  bytes.writeUInt32LE(0, 40);
  return bytes;
}

/** A header from before the second half was written. */
function outdatedHeader(): Uint8Array {
  const bytes = Buffer.from(wav(row(PHRASE, PHRASE)));
  bytes.writeUInt32LE(36 + PHRASE.byteLength, 4);
  bytes.writeUInt32LE(PHRASE.byteLength, 40);
  return bytes;
}

const fixture = (name: string) => readFileSync(join(FIXTURES, 'formats', name));
const inverted = () =>
  wav(
    stereo(
      PHRASE,
      PHRASE.map((sample) => -sample),
    ),
    2,
  );
const AT_START = { durationS: 3.2, startsS: [0.3] };

/** What is said is the phrase, each time. Times in seconds. */
type Right = { durationS: number; startsS: readonly number[]; notes?: readonly RegExp[] };
type Kind = { kind: string; file: string; make: () => Uint8Array | Promise<Uint8Array>; right: Right };

const RECORDINGS: readonly Kind[] = [
  {
    kind: 'a track with pauses that were not sent',
    file: 'pauses.webm',
    make: () => withGap(row(PHRASE, silence(2000), PHRASE), 170, 249),
    right: { durationS: 8.4, startsS: [0.3, 5.5], notes: [/nothing was recorded for 1\.6 s in one place/] },
  },
  {
    kind: 'a track that was muted for long',
    file: 'muted.webm',
    make: () => withGap(row(PHRASE, silence(20_000), PHRASE), 170, 1149),
    right: {
      durationS: 26.4,
      startsS: [0.3, 23.5],
      notes: [/nothing was recorded for 19\.6 s in one place/],
    },
  },
  {
    kind: 'sound that begins later than its file',
    file: 'late.mp4',
    make: lateStart,
    right: {
      durationS: 15.2,
      startsS: [12.3],
      notes: [/its sound begins after 1(?:1\.9|2\.0) s of silence/],
    },
  },
  {
    kind: 'a channel that is the other one inverted',
    file: 'inverted.wav',
    make: inverted,
    right: { ...AT_START, notes: [/one of its two channels is inverted/] },
  },
  {
    kind: 'desktop on the first track, microphone on the second',
    file: 'tracks.mkv',
    make: twoTracks,
    right: { ...AT_START, notes: [/it has 2 audio tracks; track 2 is heard/] },
  },
  {
    kind: 'two WAVs in one file',
    file: 'joined.wav',
    make: () => Buffer.concat([wav(PHRASE), wav(PHRASE)]),
    right: { durationS: 6.4, startsS: [0.3, 3.5] },
  },
  {
    kind: 'two MP4s in one file',
    file: 'joined.m4a',
    make: async () => {
      const one = await coded(PHRASE, ['-c:a', 'aac', '-b:a', '64k'], 'a.m4a');
      return Buffer.concat([one, one]);
    },
    right: { durationS: 6.4, startsS: [0.3, 3.5] },
  },
  {
    kind: 'a header older than its sound',
    file: 'outdated.wav',
    make: outdatedHeader,
    right: {
      durationS: 6.4,
      startsS: [0.3, 3.5],
      notes: [/3\.20 s of sound lie behind the end that its header declares; they were read too/],
    },
  },
  { kind: 'a size of 0, and all the sound', file: 'unsized.wav', make: unsized, right: AT_START },
  {
    kind: 'AAC of a telephone',
    file: 'telephone.aac',
    make: () => coded(PHRASE, ['-c:a', 'aac', '-b:a', '64k'], 'a.aac'),
    right: AT_START,
  },
  {
    kind: 'MPEG-TS of a stream',
    file: 'stream.ts',
    make: () => coded(PHRASE, ['-c:a', 'aac', '-b:a', '64k'], 'a.ts'),
    right: AT_START,
  },
  { kind: 'AIFF', file: 'a.aiff', make: () => coded(PHRASE, [], 'a.aiff'), right: AT_START },
  { kind: 'CAF', file: 'a.caf', make: () => coded(PHRASE, [], 'a.caf'), right: AT_START },
  { kind: 'Wave64', file: 'a.w64', make: () => coded(PHRASE, [], 'a.w64'), right: AT_START },
  {
    kind: 'ADPCM in WAV',
    file: 'adpcm.wav',
    make: () => coded(PHRASE, ['-c:a', 'adpcm_ima_wav'], 'a.wav'),
    right: { durationS: 3.3, startsS: [0.3] }, // in whole blocks
  },
  {
    kind: 'GSM in WAV of a switchboard',
    file: 'gsm.wav',
    make: () => fixture('es-where-is-the-station.wav49.wav'),
    right: { durationS: 3.6, startsS: [0.3] },
  },
  {
    kind: 'AMR of a telephone',
    file: 'voice.amr',
    make: () => fixture('es-where-is-the-station.amr'),
    right: { durationS: 3.6, startsS: [0.3] },
  },
];

/** Meetings: who is interpreted, from when on, into what; `+` where it was heard to its end. */
const MEETINGS = [
  {
    kind: 'two open microphones in one room',
    folder: join(FIXTURES, 'meetings', 'one-room'),
    right: ['ana 1 s +en', 'ana 10 s +en', 'bea 10 s +en'],
  },
  {
    kind: '"mhm" of a listener',
    folder: join(FIXTURES, 'meetings', 'backchannel'),
    right: ['ana 1 s +en', 'ana 11 s +en', 'ben 24 s +es'],
  },
  {
    kind: 'readers of one language in several writings',
    people: { em: 'en', cn: 'zh-CN', tw: 'zh-TW', hk: 'yue-HK' },
    right: ['captions en, yue, zh, zh-Hant'],
  },
  {
    kind: 'languages by the names of a menu',
    people: {
      em: 'English (United States)',
      es: 'Español (España)',
      fr: 'French (France)',
      zh: '中文（繁體）',
    },
    right: ['captions en, es, fr, zh-Hant'],
  },
] as const;

let dir: string;
let document: ReplayDocument;
let meetings: MeetingDocument[];
const table: { kind: string; right: string; got: string }[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'parley-kinds-'));
  for (const { file, make } of RECORDINGS) writeFileSync(join(dir, file), await make());
  const files = RECORDINGS.map(({ file }) => join(dir, file));
  const recordings = await cli([
    'replay',
    ...files,
    '--from',
    'es',
    '--to',
    'en',
    '--json',
    '--out',
    join(dir, 'out'),
  ]);
  expect(recordings.exitCode, recordings.err).toBe(0);
  document = JSON.parse(recordings.out) as ReplayDocument;
  const folders = MEETINGS.map((meeting, index) =>
    'folder' in meeting ? meeting.folder : writeMeeting(`meeting-${index}`, meeting.people),
  );
  const replayed = await cli(['replay', ...folders, '--json', '--out', join(dir, 'meetings-out')]);
  expect(replayed.exitCode, replayed.err).toBe(0);
  meetings = replayed.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as MeetingDocument);
}, 600_000);

afterAll(() => {
  const lines = table.map(({ kind, right, got }) => `${kind}\n  right: ${right}\n  got:   ${got}\n`);
  process.stdout.write(lines.join(''));
  rmSync(dir, { recursive: true });
});

/** A meeting in which the first one speaks English and everybody reads their language. */
function writeMeeting(name: string, people: Readonly<Record<string, string>>): string {
  const folder = join(dir, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'said.wav'), readFileSync(join(FIXTURES, 'en-the-meeting-starts.wav')));
  const scenario = {
    title: name,
    people: Object.entries(people).map(([id, preferredLanguage], index) => ({
      ...{ id, name: id },
      metadata: { preferredLanguage },
      script: [
        { atMs: index * 50, do: 'join' },
        ...(index === 0 ? [{ atMs: 1000, do: 'say', recording: 'said.wav' }] : []),
      ],
    })),
  };
  writeFileSync(join(folder, 'meeting.json'), JSON.stringify(scenario));
  return folder;
}

describe('a recording with', () => {
  it.each(RECORDINGS)('$kind', ({ kind, file, right }) => {
    const { durationS, startsS, notes = [] } = right;
    const got = document.files.find(({ input }) => input.path === join(dir, file));
    const turns = got?.turns ?? [];
    table.push({
      kind,
      right: `${durationS} s; ${startsS.join(', ')} s`,
      got: `${((got?.input.durationMs ?? NaN) / 1000).toFixed(1)} s; ${turns.map(({ startMs }) => (startMs / 1000).toFixed(1)).join(', ')} s`,
    });
    expect(Math.abs(got!.input.durationMs / 1000 - durationS)).toBeLessThan(0.06);
    expect(turns.map(({ sourceText }) => sourceText)).toEqual(startsS.map(() => STATION));
    turns.forEach(({ startMs }, index) => {
      expect(Math.abs(startMs / 1000 - startsS[index]!)).toBeLessThan(0.06);
    });
    expect(got!.warnings).toHaveLength(notes.length);
    notes.forEach((note, index) => expect(got!.warnings[index]).toMatch(note));
  });
});

describe('every recording', () => {
  it('has captions in a file per language, none over another', () => {
    for (const { file } of RECORDINGS) {
      for (const [language, text] of [
        ['es', STATION],
        ['en', 'Where is the nearest train station?'],
      ] as const) {
        // Files of one stem keep their whole names.
        const stems = [file.replace(/\.[^.]+$/, ''), file];
        const srt = stems
          .map((stem) => join(dir, 'out', `${stem}.${language}.srt`))
          .flatMap((path) => {
            try {
              return [readFileSync(path, 'utf8')];
            } catch {
              return [];
            }
          });
        expect(srt, file).toHaveLength(1);
        const cues = parseSrt(srt[0]!);
        expect(cues.length).toBeGreaterThan(0);
        cues.forEach((cue, index) => {
          expect(cue.payload).toBe(text);
          expect(cue.endMs - cue.startMs).toBeLessThanOrEqual(8000);
          expect(cue.endMs).toBeLessThanOrEqual(cues[index + 1]?.startMs ?? Infinity);
        });
      }
    }
  });

  it('is converted to a file as long as itself', async () => {
    for (const [file, durationS] of [
      ['muted.webm', 26.4],
      ['late.mp4', 15.2],
    ] as const) {
      const out = join(dir, `${file}.wav`);
      const { exitCode } = await cli(['convert', join(dir, file), out, '--rate', '16000']);
      expect(exitCode).toBe(0);
      expect(Math.abs(readWav(readFileSync(out)).durationMs / 1000 - durationS)).toBeLessThan(0.06);
    }
  });
});

describe('a meeting with', () => {
  it.each(MEETINGS.map(({ kind, right }, index) => ({ kind, right, index })))(
    '$kind',
    ({ kind, right, index }) => {
      const { phrases, captions } = meetings[index]!;
      const heard = phrases.flatMap(({ speakerId, startMs, translations }) =>
        translations.map(
          ({ to, heardFromMs, cut }) =>
            `${speakerId} ${Math.round(startMs / 1000)} s ${heardFromMs !== null && !cut ? '+' : '-'}${to}`,
        ),
      );
      const read = `captions ${captions
        .map(({ language }) => language)
        .sort()
        .join(', ')}`;
      const got = right[0].startsWith('captions') ? [read] : heard;
      table.push({ kind, right: right.join('; '), got: got.join('; ') });
      expect(got).toEqual(right);
    },
  );
});
