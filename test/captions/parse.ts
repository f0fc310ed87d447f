/** Strict readers of the two caption formats, for tests only: anything the grammars do not allow throws. */

export type ParsedCue = { startMs: number; endMs: number; payload: string };

const TIME = /^(\d{2,}):([0-5]\d):([0-5]\d)[.,](\d{3})$/;

function timeMs(text: string, mark: '.' | ','): number {
  const match = TIME.exec(text);
  if (match === null || !text.includes(mark)) throw new Error(`bad time "${text}"`);
  return ((Number(match[1]) * 60 + Number(match[2])) * 60 + Number(match[3])) * 1000 + Number(match[4]);
}

function timing(line: string, mark: '.' | ','): { startMs: number; endMs: number } {
  const parts = line.split(' --> ');
  if (parts.length !== 2) throw new Error(`bad timing line "${line}"`);
  const startMs = timeMs(parts[0]!, mark);
  const endMs = timeMs(parts[1]!, mark);
  if (endMs <= startMs) throw new Error(`cue ends before it starts: "${line}"`);
  return { startMs, endMs };
}

export function parseSrt(text: string): ParsedCue[] {
  if (text === '') return [];
  if (text.includes('\r')) throw new Error('mixed line ends');
  return text
    .trimEnd()
    .split('\n\n')
    .map((block, index) => {
      const lines = block.split('\n');
      if (lines.length !== 3) throw new Error(`cue ${index + 1} has ${lines.length} lines`);
      if (lines[0] !== String(index + 1)) throw new Error(`cue ${index + 1} is numbered "${lines[0]!}"`);
      const payload = lines[2]!;
      if (payload.trim() === '' || payload.includes('-->') || /[<>]|\{\\/.test(payload))
        throw new Error(`bad text "${payload}"`);
      return { ...timing(lines[1]!, ','), payload };
    });
}

/** Also checks that tags are the known ones, nested and closed, and that `&` only begins a character reference. */
export function parseVtt(text: string): ParsedCue[] {
  const [header, ...blocks] = text.trimEnd().split('\n\n');
  if (header !== 'WEBVTT') throw new Error('no WEBVTT header');
  let lastStartMs = 0;
  return blocks.map((block) => {
    const lines = block.split('\n');
    if (lines.length !== 2) throw new Error(`a cue has ${lines.length} lines`);
    const times = timing(lines[0]!, '.');
    if (times.startMs < lastStartMs) throw new Error('cues out of order');
    lastStartMs = times.startMs;
    return { ...times, payload: vttText(lines[1]!) };
  });
}

function vttText(payload: string): string {
  if (payload.includes('-->')) throw new Error('arrow in a text');
  const open: string[] = [];
  let text = '';
  for (const part of payload.match(/<[^>]*>|[^<]+/g) ?? []) {
    if (!part.startsWith('<')) {
      if (part.includes('>')) throw new Error(`bare > in "${part}"`);
      if (/&(?!(amp|lt|gt);)/.test(part)) throw new Error(`bare & in "${part}"`);
      text += part.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
      continue;
    }
    const tag = /^<(\/?)(v|lang)( [^<>&\n]*(?:&(?:amp|lt|gt);[^<>&\n]*)*)?>$/.exec(part);
    if (tag === null) throw new Error(`unknown tag "${part}"`);
    if (tag[1] === '') open.push(tag[2]!);
    else if (open.pop() !== tag[2]) throw new Error(`"${part}" closes nothing`);
  }
  if (open.length > 0) throw new Error('a tag is left open');
  if (text.trim() === '') throw new Error('empty cue');
  return text;
}
