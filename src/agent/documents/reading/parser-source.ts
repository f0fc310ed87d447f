/**
 * What runs in the process that reads a file: the packages that parse it, and nothing of ours. It has no environment and no
 * network to speak of, gets the file on stdin, and writes one line of JSON to stdout: what it found, or `{ problem }`. What a
 * file can do with it is to take its memory and its time, and both are bounded (`parse-apart.ts`).
 *
 * Everything that text is made of here is made of HTML but PDF: of Markdown by marked, of DOCX by mammoth; parse5 reads it.
 * `extractRawText` of mammoth loses line breaks, so its HTML is taken.
 */
export const PARSER_SOURCE = `
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const [kind, limits] = [process.argv[1], JSON.parse(process.argv[2])];
const bytes = readFileSync(0);
const write = process.stdout.write.bind(process.stdout);
// Packages that print do not break the answer.
process.stdout.write = () => true;
console.log = console.info = console.warn = console.error = () => undefined;

class Problem extends Error {}

async function htmlEvents(html) {
  const { parse } = await import('parse5');
  const events = [];
  let chars = 0;
  const left = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'object', 'iframe', 'select', 'button']);
  const pending = [parse(html)];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node === 'string') {
      events.push(node);
      continue;
    }
    if (node.nodeName === '#text') {
      chars += node.value.length;
      if (chars > limits.chars) throw new Problem('too much text');
      events.push('=' + node.value);
      continue;
    }
    const hidden = node.attrs?.some(({ name, value }) => name === 'hidden' || (name === 'aria-hidden' && value === 'true'));
    if (left.has(node.tagName) || hidden) continue;
    if (node.tagName !== undefined) {
      events.push('<' + node.tagName);
      pending.push('>' + node.tagName);
    }
    for (let at = (node.childNodes?.length ?? 0) - 1; at >= 0; at--) pending.push(node.childNodes[at]);
  }
  return { events };
}

async function markdownEvents(text) {
  const { Marked } = await import('marked');
  return htmlEvents(await new Marked({ gfm: true }).parse(text));
}

// What an archive says of its sizes is not believed.
function checkArchive() {
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== 0x06054b50) end--;
  if (end < 0) throw new Problem('it is cut off, or no DOCX');
  const entries = bytes.readUInt16LE(end + 10);
  if (entries > limits.entries) throw new Problem('too many parts');
  let at = bytes.readUInt32LE(end + 16);
  let left = limits.unpackedBytes;
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw new Problem('it is damaged');
    const [flags, method, packed] = [bytes.readUInt16LE(at + 8), bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    if ((flags & 1) !== 0) throw new Problem('it is locked with a password');
    const header = bytes.readUInt32LE(at + 42);
    if (header + 30 > bytes.length) throw new Problem('it is damaged');
    const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
    const part = bytes.subarray(from, from + packed);
    if (method === 8) {
      try {
        left -= inflateRawSync(part, { maxOutputLength: Math.max(1, left) }).length;
      } catch (error) {
        throw new Problem(error.code === 'ERR_BUFFER_TOO_LARGE' ? 'it is too large unpacked' : 'it is damaged');
      }
    } else left -= part.length;
    if (left < 0) throw new Problem('it is too large unpacked');
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}

async function docxEvents() {
  checkArchive();
  const mammoth = (await import('mammoth')).default;
  const { value } = await mammoth.convertToHtml(
    { buffer: bytes },
    { convertImage: mammoth.images.imgElement(async () => ({ src: '' })), externalFileAccess: false },
  );
  return htmlEvents(value);
}

async function pdfPages() {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const folder = dirname(createRequire(join(process.cwd(), 'package.json')).resolve('pdfjs-dist/package.json'));
  const task = pdfjs.getDocument({
    data: new Uint8Array(bytes),
    cMapUrl: join(folder, 'cmaps') + '/',
    cMapPacked: true,
    standardFontDataUrl: join(folder, 'standard_fonts') + '/',
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    verbosity: 0,
  });
  task.onPassword = () => {
    throw new Problem('it is locked with a password');
  };
  const file = await task.promise;
  if (file.numPages > limits.pages) throw new Problem('it has ' + file.numPages + ' pages; at most ' + limits.pages + ' are read');
  const { info } = await file.getMetadata().catch(() => ({ info: {} }));
  const pages = [];
  let chars = 0;
  for (let number = 1; number <= file.numPages; number++) {
    const page = await file.getPage(number);
    const { items } = await page.getTextContent({ disableNormalization: true });
    pages.push(
      items.flatMap((item) => {
        if (item.str === undefined || (item.str === '' && !item.hasEOL)) return [];
        chars += item.str.length;
        if (chars > limits.chars) throw new Problem('too much text');
        const [a, b, , , x, y] = item.transform;
        return [[item.str, round(x), round(y), round(item.width), round(item.height || Math.hypot(a, b)), item.hasEOL ? 1 : 0]];
      }),
    );
    page.cleanup();
  }
  return { pages, title: typeof info?.Title === 'string' ? info.Title.slice(0, 300) : '' };
}

function round(value) {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}

const read = { html: () => htmlEvents(bytes.toString('utf8')), markdown: () => markdownEvents(bytes.toString('utf8')), docx: docxEvents, pdf: pdfPages }[kind];
let answer;
try {
  answer = await read();
} catch (error) {
  const { name = '' } = error;
  answer = {
    problem: error instanceof Problem ? error.message : name === 'PasswordException' ? 'it is locked with a password' : 'it is damaged',
    detail: String(error.message ?? error).slice(0, 300),
  };
}
write(JSON.stringify(answer), () => process.exit(0));
`;
