import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../src/errors.js';
import { LOG_LEVELS } from '../src/log-levels.js';
import { createLogger, type Logger } from '../src/log.js';
import { REDACTED, redactText } from '../src/redaction.js';
import { cpuMsOf } from './cpu-time.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const SECRETS = [
  'sk-proj-abcDEF_0123456789-xyz',
  'sk_live_0123456789',
  'ek_68af296e8e408191a1120ab6383263c2',
  'pio_sk_abcdef0123456789',
  JWT,
];

/** A logger and the lines it wrote. */
function collect(options: Parameters<typeof createLogger>[0] & { isTTY?: boolean } = {}) {
  const lines: string[] = [];
  const { isTTY = false, ...rest } = options;
  const log = createLogger({ ...rest, sink: { isTTY, write: (text) => lines.push(text) } });
  return { log, lines };
}

describe('redactText', () => {
  it.each(SECRETS)('takes out %s wherever it stands', (secret) => {
    for (const text of [
      secret,
      `key=${secret}.`,
      `"${secret}"`,
      `a ${secret} b ${secret}`,
      `[${secret}]`,
      `x\n${secret}\ny`,
    ]) {
      const clean = redactText(text);
      expect(clean).not.toContain(secret.slice(3));
      expect(clean).toContain(REDACTED);
    }
  });

  it.each([
    ['Authorization: Bearer abcd1234', 'Authorization: Bearer [redacted]'],
    ['bearer\tABCD.efgh-1234~+/=', 'bearer [redacted]'],
    ['Bearer auth-1234567', 'Bearer [redacted]'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [redacted]'],
    ['wss://user:hunter2@host/path', 'wss://[redacted]@host/path'],
    ['https://token@host', 'https://[redacted]@host'],
    ['ws://h/?model=m&api-key=abc&x=1', 'ws://h/?model=m&api-key=[redacted]&x=1'],
    ['ws://h/?token=abc#part', 'ws://h/?token=[redacted]#part'],
    ['ws://h/?access_token=abc', 'ws://h/?access_token=[redacted]'],
    ['realtime, openai-insecure-api-key.abc123', 'realtime, openai-insecure-api-key.[redacted]'],
  ])('%j becomes %j', (text, clean) => {
    expect(redactText(text)).toBe(clean);
  });

  it.each([
    'risk-assessment-of-desk-lamps',
    'the bearer of good news',
    'Missing bearer or basic authentication in header; use Bearer auth (RFC 6750)',
    'Missing bearer authentication: send a key',
    'mask_pattern sk ek',
    'gpt-realtime-2.1',
    'item_0123456789abcdef resp_0123456789abcdef sess_0123456789abcdef',
    'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1',
    'mail ana@example.test',
    '{"total_tokens":12,"max_output_tokens":"inf"}',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes out configured secrets of any shape, and ignores those too short to be one', () => {
    expect(redactText('pass opensesame or (a+b)* on', [' opensesame\n', '(a+b)*', '', 'on'])).toBe(
      'pass [redacted] or [redacted] on',
    );
  });

  it('never leaves a secret, whatever surrounds it', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...SECRETS), fc.string(), (before, secret, after) => {
        // The boundary is what a writer of logs puts there: anything but more letters of the same word.
        expect(redactText(`${before} ${secret} ${after}`)).not.toContain(secret);
        expect(redactText(`${before}${secret}${after}`, [secret])).not.toContain(secret);
      }),
      { seed: 2, numRuns: 1_000 },
    );
  });

  it('is fast on hostile text', () => {
    const cpuMs = cpuMsOf(() => {
      for (const piece of ['sk-', 'eyJ.', '//', 'Bearer ', 'a_', '?key=']) redactText(piece.repeat(100_000));
    });
    expect(cpuMs).toBeLessThan(2_000);
  });
});

describe('a log line', () => {
  const hostileCases: [name: string, write: (log: Logger) => void][] = [
    ['a field', (log) => log.info({ note: `got ${SECRETS[0]}` }, 'hello')],
    ['the message', (log) => log.info(`key ${SECRETS[0]}`)],
    ['a formatted message', (log) => log.info('key %s of %o', SECRETS[0], { deep: SECRETS[1] })],
    ['a nested object', (log) => log.info({ a: { b: [{ c: { d: SECRETS[2] } }] } })],
    ['a field name', (log) => log.info({ [SECRETS[3]!]: 1 })],
    ['a child logger', (log) => log.child({ session: SECRETS[4] }).info('hello')],
    ['an error', (log) => log.error(new Error(`refused ${SECRETS[0]}`))],
    [
      'an error field',
      (log) => log.error({ err: new ParleyError('internal', `refused ${SECRETS[1]}`) }, 'failed'),
    ],
    ['a cause', (log) => log.error({ err: new Error('outer', { cause: new Error(`inner ${SECRETS[2]}`) }) })],
    [
      'headers',
      (log) => log.info({ headers: { Authorization: 'Bearer short-key-77', 'api-key': 'short-key-77' } }),
    ],
    [
      'a field named for a key',
      (log) =>
        log.info({
          apiKey: 'short-key-77',
          meeting_token: 'short-key-77',
          password: ['short-key-77'],
          token: { value: 'short-key-77' },
        }),
    ],
    ['a configured secret', (log) => log.info({ text: 'say opensesame "twice"' }, 'opensesame "twice"')],
    ['a URL', (log) => log.info({ url: 'wss://u:short-key-77@h/?token=short-key-77' })],
  ];

  it.each(hostileCases)('holds no secret of %s, as JSON or for a terminal', (_name, write) => {
    for (const isTTY of [false, true]) {
      const { log, lines } = collect({ isTTY, secrets: ['opensesame "twice"'] });
      write(log);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('[redacted]');
      for (const secret of [...SECRETS, 'short-key-77', 'opensesame']) expect(lines[0]).not.toContain(secret);
    }
  });

  it('keeps numbers and flags whose name sounds like a secret', () => {
    const { log, lines } = collect();
    log.info({
      usage: { total_tokens: 12, input_tokens: 5 },
      hasKey: true,
      key: null,
      max_output_tokens: 'inf',
    });
    expect(JSON.parse(lines[0]!)).toMatchObject({
      usage: { total_tokens: 12, input_tokens: 5 },
      hasKey: true,
      key: null,
      max_output_tokens: 'inf',
    });
  });

  it('is one JSON object per line with level, time and message', () => {
    const { log, lines } = collect();
    log.warn({ turnId: 'item_1' }, 'late\nanswer');
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 40,
      time: expect.any(Number) as number,
      turnId: 'item_1',
      msg: 'late\nanswer',
    });
  });

  it('is readable on a terminal, and cannot steer it', () => {
    const { log, lines } = collect({ isTTY: true });
    log.warn({ name: 'A\u001b[2J' }, 'speaker \u001b]0;evil\u0007 \u202e said\nmore');
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}speaker {2}\]0;evil {4}said more \{"name":"A\\u001b\[2J"\}\n$/,
    );
  });

  it('shows the stack of an error below it on a terminal', () => {
    const { log, lines } = collect({ isTTY: true });
    log.error({ err: new Error('broken \u001b[31m') }, 'failed');
    expect(lines[0]).toMatch(/ERROR failed\nError: broken {2}\[31m\n {4}at /);
    log.error(new Error('alone'));
    expect(lines[1]).toMatch(/ERROR alone\nError: alone\n/);
  });

  it('survives what cannot be written as JSON', () => {
    const { log, lines } = collect();
    const circle: Record<string, unknown> = { big: 10n, nan: Number.NaN, missing: undefined, run: () => 1 };
    circle['self'] = circle;
    log.info(circle, 'odd');
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'odd' });
  });
});

describe('levels', () => {
  it.each(LOG_LEVELS)('%s shows itself and what is graver', (level) => {
    const { log, lines } = collect({ level });
    for (const name of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log[name]('x');
    expect(lines).toHaveLength(6 - LOG_LEVELS.indexOf(level));
  });

  it('go to stderr unless told otherwise', () => {
    const written: string[] = [];
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString());
        done();
      },
    });
    const real = process.stderr;
    Object.defineProperty(process, 'stderr', { value: sink, configurable: true });
    try {
      createLogger().info('to stderr');
    } finally {
      Object.defineProperty(process, 'stderr', { value: real, configurable: true });
    }
    expect(written.join('')).toContain('to stderr');
  });
});
