import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chunksOf } from '../../../src/agent/documents/chunks.js';
import { MAX_FILE_BYTES } from '../../../src/agent/documents/limits.js';
import { parseApart } from '../../../src/agent/documents/reading/parse-apart.js';
import { pdfBlocks } from '../../../src/agent/documents/reading/pdf-blocks.js';
import { readDocument } from '../../../src/agent/documents/reading/read-document.js';
import { packageRoot } from '../../../src/package-root.js';
import { archiveOf, docxOf } from './files.js';

const fixture = (name: string): Buffer => readFileSync(join(packageRoot(), 'fixtures/documents/files', name));
const read = (name: string, content: string | Buffer) => readDocument(name, Buffer.from(content));

describe('formats', () => {
  it('text: paragraphs', async () => {
    expect(await read('a.txt', 'One.\r\nStill one.\r\n\r\n \r\nTwo.\n')).toEqual({
      format: 'text',
      blocks: [{ text: 'One.\nStill one.' }, { text: 'Two.' }],
      warnings: [],
    });
  });

  it('text of Windows in UTF-16', async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Größe: 3 m²', 'utf16le')]);
    expect((await read('a.txt', bytes)).blocks).toEqual([{ text: 'Größe: 3 m²' }]);
  });

  it('Markdown: headings, lists, tables and code; HTML in it does nothing', async () => {
    const { format, blocks } = await read(
      'a.md',
      '# Top\n\nText with *stress*,\nand more.\n\n## Below\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\nx =  1\n```\n<script>alert(1)</script>\n',
    );
    expect(format).toBe('markdown');
    expect(blocks).toEqual([
      { text: 'Top', headingLevel: 1 },
      { text: 'Text with stress, and more.' },
      { text: 'Below', headingLevel: 2 },
      { text: 'one' },
      { text: 'two' },
      { text: 'a | b' },
      { text: '1 | 2' },
      { text: 'x =  1' },
    ]);
  });

  it('HTML: its title, what people see, and nothing hidden', async () => {
    const html =
      '<!doctype html><title> My\n page </title><style>p{}</style><h2>Straße</h2><p>a<br>b&nbsp;c &lt;d&gt;</p>' +
      '<p hidden>not</p><template>not</template><noscript>not</noscript><script>not()</script><table><tr><td>North</td><td>1</td></tr></table>';
    expect(await read('x.html', html)).toEqual({
      format: 'html',
      title: 'My page',
      blocks: [{ text: 'Straße', headingLevel: 2 }, { text: 'a\nb c <d>' }, { text: 'North | 1' }],
      warnings: [],
    });
  });

  it('HTML in the encoding that it says it has', async () => {
    const html = Buffer.from('<meta charset="windows-1252"><p>Stra\xdfe</p>', 'latin1');
    expect((await read('x.html', html)).blocks).toEqual([{ text: 'Straße' }]);
  });

  it('DOCX: headings and line breaks', async () => {
    const file = docxOf([
      { text: 'Leave', style: 'Heading1' },
      { text: 'Thirty days\na year.' },
      { text: 'Ask Ms. Ökçün &amp; Co.' },
    ]);
    expect(await read('leave.docx', file)).toEqual({
      format: 'docx',
      blocks: [
        { text: 'Leave', headingLevel: 1 },
        { text: 'Thirty days\na year.' },
        { text: 'Ask Ms. Ökçün & Co.' },
      ],
      warnings: [],
    });
  });

  it('PDF: pages, headings and paragraphs', async () => {
    const { title, pages, blocks } = await read('handbook.pdf', fixture('harbour-handbook.pdf'));
    expect({ title, pages }).toEqual({ title: 'Harbour handbook', pages: 2 });
    expect(blocks.map(({ headingLevel, page, text }) => [headingLevel, page, text.slice(0, 40)])).toEqual([
      [1, 1, 'Harbour handbook'],
      [2, 1, 'Mooring fees'],
      [undefined, 1, 'A berth for a boat of up to nine metres '],
      [undefined, 1, 'Fees are collected by the harbour master'],
      [2, 1, 'Storm signals'],
      [undefined, 1, 'Two red lights above each other mean tha'],
      [2, 2, 'Fuel station'],
      [undefined, 2, 'Diesel is sold from seven in the morning'],
    ]);
    expect(blocks[2]!.text).toBe(
      'A berth for a boat of up to nine metres costs 18 euros a night. Members of the sailing club pay half, and children under twelve sleep aboard for nothing.',
    );
  });

  it('PDF: what is written from right to left is read so', async () => {
    const text = (await read('scripts.pdf', fixture('mixed-scripts.pdf'))).blocks
      .map((block) => block.text)
      .join('\n');
    for (const words of [
      'يبدأ',
      'اجتماع',
      'الميزانية',
      'שלום עולם',
      'הפגישה',
      'Собрание начинается во вторник',
    ])
      expect(text).toContain(words);
  });

  it('PDF: letters without a code are missing, which is said; a word that was parted is one', () => {
    const item = (
      text: string,
      y: number,
      isLast: 0 | 1 = 1,
    ): [string, number, number, number, number, number] => [...([text, 10, y, 100, 12] as const), isLast];
    expect(pdfBlocks([[item('วันนี\0้ \0', 100)]])).toEqual({
      blocks: [{ text: 'วันนี้', page: 1 }],
      isDamaged: true,
    });
    expect(pdfBlocks([[item('a long sen\u2010', 100), item('tence of ⽇本 ⻄', 86)]]).blocks).toEqual([
      { text: 'a long sentence of 日本 西', page: 1 },
    ]);
  });
});

describe('what is no document', () => {
  it.each([
    ['nothing', 'a.txt', Buffer.alloc(0), 'the file is empty'],
    [
      'a picture',
      'a.png',
      Buffer.from('\x89PNG'),
      'files of this kind are not read: give it as text, Markdown, HTML, PDF or DOCX',
    ],
    ['bytes', 'a.txt', Buffer.from([1, 2, 3, 4, 0, 0, 0]), 'this is no text: it holds control characters'],
    [
      'text of an unknown encoding',
      'a.txt',
      Buffer.from('Stra\xdfe', 'latin1'),
      'the text is neither UTF-8 nor UTF-16: save it as UTF-8',
    ],
    [
      'a name that lies',
      'a.pdf',
      Buffer.from('hello'),
      'this is no PDF file, whatever its name says: give it as text, Markdown, HTML, PDF or DOCX',
    ],
    [
      'spaces',
      'a.txt',
      Buffer.from('  \n '),
      'the document holds no text: of a scanned one, give a version whose text can be selected',
    ],
    [
      'a PDF that is cut off',
      'a.pdf',
      Buffer.from('%PDF-1.7\n1 0 obj\n<<'),
      'the document cannot be read: it is damaged',
    ],
    [
      'another archive',
      'a.zip',
      archiveOf({ 'x.txt': 'x' }),
      'this is an archive, or a document of another program: give it as text, Markdown, HTML, PDF or DOCX',
    ],
    [
      'a DOCX that is cut off',
      'a.docx',
      docxOf([{ text: 'x' }]).subarray(0, 200),
      'the document cannot be read: it is cut off, or no DOCX',
    ],
    [
      'an archive of zeros that claims to be small',
      'a.docx',
      archiveOf({ 'word/document.xml': Buffer.alloc(120_000_000) }, 1_000),
      'the document cannot be read: it is too large unpacked',
    ],
    ['a file of 21 MiB', 'a.txt', Buffer.alloc(MAX_FILE_BYTES + 1, 97), 'a file has at most 20 MiB'],
    ['a text of 3 MiB', 'a.txt', Buffer.alloc(3 * 1_048_576, 97), 'a text has at most 2 MiB'],
  ])('%s', async (_, name, bytes, message) => {
    await expect(readDocument(name, bytes)).rejects.toMatchObject({ code: 'input_unusable', message });
  });

  it('what takes too long is given up', async () => {
    const deep = Buffer.from('<div>'.repeat(400_000));
    await expect(parseApart('html', deep, { timeoutMs: 150 })).rejects.toMatchObject({
      code: 'input_unusable',
      message: 'the document cannot be read: it took longer than 0.15 s',
    });
  });

  it('elements within elements are no problem', async () => {
    const html = `${'<div>'.repeat(20_000)}deep${'</div>'.repeat(20_000)}`;
    expect((await read('x.html', html)).blocks).toEqual([{ text: 'deep' }]);
  });
});

describe('passages', () => {
  it('know their headings and their page, and cross none', () => {
    const blocks = [
      { text: 'Top', headingLevel: 1, page: 1 },
      { text: 'Intro.', page: 1 },
      { text: 'A', headingLevel: 2, page: 1 },
      { text: 'Of A.', page: 1 },
      { text: 'More of A.', page: 2 },
      { text: 'Other', headingLevel: 1, page: 2 },
      { text: 'Of other.', page: 2 },
    ];
    expect(chunksOf(blocks)).toEqual([
      { index: 0, headings: ['Top'], page: 1, text: 'Intro.' },
      { index: 1, headings: ['Top', 'A'], page: 1, text: 'Of A.\nMore of A.' },
      { index: 2, headings: ['Other'], page: 2, text: 'Of other.' },
    ]);
  });

  it('are of a size that can be quoted, and lose nothing', () => {
    const sentence = (index: number): string => `Sentence number ${index} says something about the harbour.`;
    const text = Array.from({ length: 200 }, (_, index) => sentence(index)).join(' ');
    const chunks = chunksOf([{ text }]);
    expect(Math.max(...chunks.map((chunk) => chunk.text.length))).toBeLessThanOrEqual(900);
    expect(chunks.map((chunk) => chunk.text).join(' ')).toBe(text);
    const unbroken = 'x'.repeat(10_000);
    expect(
      chunksOf([{ text: unbroken }])
        .map((chunk) => chunk.text)
        .join(''),
    ).toBe(unbroken);
    expect(chunksOf([{ text: '会议'.repeat(3_000) }]).every((chunk) => chunk.text.length <= 700)).toBe(true);
  });

  it('of a document of headings alone are these', () => {
    expect(chunksOf([{ text: 'Agenda', headingLevel: 1 }])).toEqual([
      { index: 0, headings: [], text: 'Agenda' },
    ]);
    expect(chunksOf([])).toEqual([]);
  });
});
