import { readdirSync, readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { printable } from '../../src/media/printable.js';
import { sniffMedia } from '../../src/media/sniff.js';

const formats = new URL('../../fixtures/formats/', import.meta.url);
const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('sniffMedia', () => {
  it('knows every format among the fixtures by its content', () => {
    const kinds = readdirSync(formats).map((name) => [
      name.split('.').at(-1),
      sniffMedia(readFileSync(new URL(name, formats))),
    ]);
    expect(Object.fromEntries(kinds)).toEqual({
      mp3: 'mp3',
      opus: 'ogg',
      ogg: 'ogg',
      m4a: 'mp4',
      webm: 'matroska',
      flac: 'flac',
      amr: 'amr',
      wav: 'wav',
    });
  });

  it.each([
    ['RIFF', 'wav'],
    ['RIFX', 'wav'],
    ['RF64', 'wav'],
    ['OggS', 'ogg'],
    ['fLaC', 'flac'],
    ['\0\0\0\x20ftypM4A ', 'mp4'],
    ['\x1a\x45\xdf\xa3', 'matroska'],
    ['\xff\xfb\x90\x64', 'mp3'],
    ['\xff\xf3\x84\xc0', 'mp3'],
    ['ID3\x04\0\0\0\0\0\x02\0\0\xff\xfb', 'mp3'],
    ['ID3\x04\0\0\0\0\0\x02\0\0fLaC', 'flac'],
    ['#EXTM3U\nhttp://example.org/a.ts\n', 'text'],
    ['{"json": "é"}', 'unknown'], // é as one byte is Latin-1, not UTF-8
    ['<!doctype html>', 'text'],
    ['', 'unknown'],
    ['\0\0\0\0', 'unknown'],
    ['\xff\xff\xff\xff', 'unknown'],
    ['\xff\xf1\x50\x80', 'unknown'], // the beginning of an AAC frame is not enough
    ['\xff\xf1\x50\x80\x01\x1f\xfc\0', 'adts'],
    ['ID3\x04\0\0\0\0\0\x02\0\0\xff\xf1\x50\x80\x01\x1f\xfc\0', 'adts'], // as HLS has it
    ['#!AMR\n', 'amr'],
    ['#!AMR-WB\n', 'amr'],
    ['FORM\0\0\0\0AIFF', 'aiff'],
    ['FORM\0\0\0\0AIFC', 'aiff'],
    ['caff\0\x01', 'caf'],
    ['riff\x2e\x91\xcf\x11', 'w64'],
    ['.snd\0\0\0\x18', 'au'],
    ['RIFF\0\0\0\0AVI ', 'avi'],
    ['\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'asf'],
    ['\0\0\0\x08wide\0\0\0\0mdat', 'mp4'],
    ['Stay free of charge', 'text'],
    [`G${'\0'.repeat(187)}`.repeat(3), 'mpegts'],
    [`\0\0\0\0G${'\0'.repeat(187)}`.repeat(3), 'mpegts'],
    ['\xff\xfb\xf0\x64', 'unknown'], // a reserved bit rate
    ['\xff\xfb\x9c\x64', 'unknown'], // a reserved sample rate
    ['\xff\xeb\x90\x64', 'unknown'], // a reserved version
  ])('%j is %s', (start, kind) => {
    expect(sniffMedia(bytes(start))).toBe(kind);
  });

  it('text in UTF-8 is text, also where the sample ends inside a character', () => {
    expect(sniffMedia(new TextEncoder().encode(`a${'é'.repeat(400)}`))).toBe('text');
  });

  it('answers for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        expect(['wav', 'mp3', 'ogg', 'mp4', 'matroska', 'flac', 'text', 'unknown']).toContain(
          sniffMedia(noise),
        );
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});

describe('printable', () => {
  it('leaves names in any script alone', () => {
    expect(printable('Réunion – 会議 (2).wav')).toBe('Réunion – 会議 (2).wav');
  });

  it('shows what could move the cursor, end the line or reorder the text', () => {
    expect(printable('a\u001b[31m\r\n\u0085\u2028\u202e\u200b\ud800')).toBe(
      'a\\u{1b}[31m\\u{d}\\u{a}\\u{85}\\u{2028}\\u{202e}\\u{200b}\\u{d800}',
    );
  });

  it('keeps the end of a long name', () => {
    expect(printable(`${'x'.repeat(5000)}.wav`)).toBe(`…${'x'.repeat(196)}.wav`);
  });
});
