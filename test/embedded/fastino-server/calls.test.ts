import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, TestFastino } from './harness.js';

let fastino: TestFastino;
beforeEach(async () => {
  fastino = await TestFastino.start();
});
afterEach(() => fastino.close());

type Chunk = { id: string; text: string; score: number; source: string };

describe('POST /register', () => {
  it('answers as the Quick Start shows', async () => {
    const body = {
      email: 'me@pioneer.ai',
      purpose: 'An AI SDR agent',
      traits: {
        name: 'Ash Lewis',
        locale: 'en-US',
        timezone: 'America/Los_Angeles',
        linkedin_url: 'https://www.linkedin.com/in/ashlewis',
        twitter_url: 'https://twitter.com/ashlewis',
        website: 'https://ash.example.com',
        notes: 'Founder/engineer; prefers concise communications',
      },
    };
    const answer = await fastino.ok(fastino.post('/register', body));
    expect(answer).toEqual({
      user_id: expect.stringMatching(/^usr_[0-9a-f]{6}$/) as string,
      created_at: '2026-01-01T00:00:00Z',
      status: 'active',
    });
  });

  it('finds an existing user by the address, whatever its case, and merges the traits', async () => {
    const first = { email: 'Me@Pioneer.ai', traits: { name: 'Ash', notes: 'Likes tea.' } };
    const { user_id: userId } = await fastino.ok<{ user_id: string }>(fastino.post('/register', first));
    fastino.clock.advanceBy(60_000);
    const second = { email: 'me@pioneer.ai', traits: { notes: 'Likes coffee.', timezone: 'Europe/Madrid' } };
    const again = await fastino.ok(fastino.post('/register', second));
    expect(again).toMatchObject({ user_id: userId, created_at: '2026-01-01T00:00:00Z' });
    const { summary } = await fastino.ok(fastino.get(`/summary?user_id=${userId}`));
    expect(summary).toBe('Ash is in time zone Europe/Madrid. Likes coffee.');
  });

  it('takes an id of the caller, once', async () => {
    const own = { email: 'a@example.com', user_id: 'user_123' };
    expect(await fastino.ok(fastino.post('/register', own))).toMatchObject({ user_id: 'user_123' });
    expect(await fastino.ok(fastino.post('/register', own))).toMatchObject({ user_id: 'user_123' });
    const other = { email: 'b@example.com', user_id: 'user_123' };
    expect(await fastino.refusal(fastino.post('/register', other))).toEqual([409, 'USER_ID_TAKEN']);
  });

  it.each([
    {},
    { email: 'nobody' },
    { email: 7 },
    { email: 'a@b.de', traits: 'none' },
    { email: 'a@b.de', traits: { name: 7 } },
  ])('refuses %j', async (body) => {
    expect(await fastino.refusal(fastino.post('/register', body))).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('POST /ingest', () => {
  const sushi = {
    role: 'user',
    content: 'I love sushi and usually eat late',
    timestamp: '2025-11-01T14:30:00Z',
  };
  const reply = {
    role: 'assistant',
    content: "Got it! I'll keep that in mind.",
    timestamp: '2025-11-01T14:30:15Z',
  };
  const goals = {
    content: 'Q4 2025 Goals: Launch new product, hire 3 engineers',
    title: 'Quarterly Goals Q4',
    document_type: 'document',
    doc_id: 'doc-q4-goals',
    created_at: '2025-10-01T00:00:00Z',
  };

  it('answers as the Quick Start shows, and remembers what the user said', async () => {
    const userId = await fastino.person();
    const answer = await fastino.ok(
      fastino.post('/ingest', {
        user_id: userId,
        source: 'gmail',
        message_history: [sushi, reply],
        documents: [goals],
        options: { dedupe: true },
      }),
    );
    expect(answer).toEqual({
      saved: { documents: 1, message_history: 1 },
      skipped: [],
      processing_triggered: { documents: true, message_history: true },
      inserted_document_ids: [
        expect.stringMatching(/^doc_\d+$/),
        expect.stringMatching(/^msg_\d+$/),
      ] as string[],
      received_at: '2026-01-01T00:00:00Z',
    });
    expect(fastino.server.memoriesOf(userId)).toEqual([
      'Quarterly Goals Q4: Q4 2025 Goals: Launch new product, hire 3 engineers',
      'I love sushi and usually eat late',
    ]);
  });

  it('skips what it has only with dedupe', async () => {
    const userId = await fastino.person();
    const ingest = (dedupe: boolean) =>
      fastino.ok(
        fastino.post('/ingest', {
          user_id: userId,
          source: 'gmail',
          message_history: [sushi],
          documents: [goals],
          options: { dedupe },
        }),
      );
    await ingest(true);
    expect(await ingest(true)).toMatchObject({
      saved: { documents: 0, message_history: 0 },
      skipped: [
        { type: 'document', reason: 'duplicate', doc_id: 'doc-q4-goals' },
        { type: 'message', reason: 'duplicate' },
      ],
      processing_triggered: { documents: false, message_history: false },
      inserted_document_ids: [],
    });
    expect(fastino.server.memoriesOf(userId)).toHaveLength(2);
    expect(await ingest(false)).toMatchObject({ saved: { documents: 1, message_history: 1 }, skipped: [] });
    expect(fastino.server.memoriesOf(userId)).toHaveLength(4);
  });

  it('takes the path and the document of the Realtime guide', async () => {
    const userId = await fastino.person();
    const documents = [
      { doc_id: 'realtime_1', kind: 'note', title: 'Realtime session', content: 'Short meetings.' },
    ];
    const body = { user_id: userId, source: 'openai_realtime', documents };
    const answer = await fastino.ok(fastino.post('/personalization/ingest', body));
    expect(answer).toMatchObject({ saved: { documents: 1, message_history: 0 } });
    expect(fastino.server.memoriesOf(userId)).toEqual(['Realtime session: Short meetings.']);
  });

  it('redacts addresses and numbers before it keeps anything', async () => {
    const userId = await fastino.person([
      'Write to ana.ruiz+x@example.co.uk or call +34 612 345 678, room 12, 2026-01-01.',
    ]);
    expect(fastino.server.memoriesOf(userId)).toEqual([
      'Write to [EMAIL] or call [NUMBER], room 12, 2026-01-01.',
    ]);
  });

  it('forgets the oldest of more than 2,000 memories', async () => {
    const userId = await fastino.person();
    for (let batch = 0; batch < 5; batch++) {
      const messages = Array.from({ length: 500 }, (_, index) => ({
        role: 'user',
        content: `Fact ${batch * 500 + index}.`,
      }));
      await fastino.ok(
        fastino.post('/ingest', { user_id: userId, source: 'test', message_history: messages }),
      );
    }
    const memories = fastino.server.memoriesOf(userId);
    expect([memories.length, memories[0], memories.at(-1)]).toEqual([2_000, 'Fact 500.', 'Fact 2499.']);
  });

  it.each([
    [{ source: 'x' }],
    [{ source: 'x', message_history: [] }],
    [{ source: '', message_history: [sushi] }],
    [{ source: 'x', message_history: [{ ...sushi, role: 'robot' }] }],
    [{ source: 'x', message_history: [{ ...sushi, timestamp: 'yesterday' }] }],
    [{ source: 'x', documents: [{ content: ' ' }] }],
  ])('refuses %j', async (body) => {
    const userId = await fastino.person();
    expect(await fastino.refusal(fastino.post('/ingest', { user_id: userId, ...body }))).toEqual([
      400,
      'INVALID_REQUEST',
    ]);
  });
});

describe('GET /summary', () => {
  it('answers as the Quick Start shows, and says when it was made before', async () => {
    const userId = await fastino.person(['Prefers meetings after 1pm.'], {
      name: 'Ash Lewis',
      locale: 'en-US',
      notes: 'Founder; prefers concise communications',
    });
    const path = `/summary?user_id=${userId}&max_chars=1000&purpose=conversation`;
    const first = await fastino.ok(fastino.get(path));
    expect(first).toEqual({
      user_id: userId,
      generated_at: '2026-01-01T00:00:00Z',
      purpose: 'conversation',
      summary:
        'Ash Lewis speaks American English. Founder; prefers concise communications. Prefers meetings after 1pm.',
      cached: false,
    });
    fastino.clock.advanceBy(5_000);
    expect(await fastino.ok(fastino.get(path))).toEqual({ ...first, cached: true });
    await fastino.ok(
      fastino.post('/ingest', {
        user_id: userId,
        source: 'x',
        documents: [{ content: 'Is on leave in May.' }],
      }),
    );
    expect(await fastino.ok(fastino.get(path))).toMatchObject({
      cached: false,
      generated_at: '2026-01-01T00:00:05Z',
      summary: expect.stringContaining('Is on leave in May. Prefers meetings') as string,
    });
  });

  it.each(['', '?user_id=', '?user_id=a/b', '?user_id=usr_1&max_chars=0', '?user_id=usr_1&max_chars=many'])(
    'refuses /summary%s',
    async (query) => {
      expect(await fastino.refusal(fastino.get(`/summary${query}`))).toEqual([400, 'INVALID_REQUEST']);
    },
  );
});

describe('POST /chunks', () => {
  const MEMORIES = [
    'Loves sushi and late dinners.',
    'Leads the Andromeda project.',
    'Calls the release train "el tren".',
  ];
  const history = [
    { role: 'system', content: 'You help with sushi' },
    { role: 'user', content: 'How is the Andromeda project doing?' },
  ];

  it('finds what fits, as the Quick Start shows', async () => {
    const userId = await fastino.person(MEMORIES);
    const { chunks, ...rest } = await fastino.ok<{ chunks: Chunk[] }>(
      fastino.post('/chunks', { user_id: userId, history, k: 6, similarity_threshold: 0.25 }),
    );
    expect(chunks).toEqual([
      {
        id: expect.stringMatching(/^mem_\d+$/) as string,
        text: 'Leads the Andromeda project.',
        score: 1,
        source: 'memory',
        created_at: '2025-11-01T14:30:00Z',
        updated_at: '2025-11-01T14:30:00Z',
      },
    ]);
    expect(rest).toMatchObject({ debug: { total_candidates: 3, threshold: 0.25 } });
  });

  it('leaves out what was used, and looks at the latest turns only', async () => {
    const userId = await fastino.person(MEMORIES);
    const ask = (body: object) =>
      fastino.ok<{ chunks: Chunk[] }>(fastino.post('/chunks', { user_id: userId, ...body }));
    const { chunks } = await ask({ history });
    const { chunks: more } = await ask({ history, exclude_chunk_ids: chunks.map(({ id }) => id) });
    expect(more.map(({ text }) => text)).not.toContain(chunks[0]!.text);
    const long = [
      ...history,
      ...Array.from({ length: 4 }, () => ({ role: 'user', content: 'Dinner? Sushi?' })),
    ];
    const { chunks: late } = await ask({ history: long, max_context_turns: 4, k: 1 });
    expect(late[0]?.text).toBe('Loves sushi and late dinners.');
  });

  it('gives the latest to a conversation that has nothing in common with anything', async () => {
    const userId = await fastino.person(MEMORIES);
    const start = { history: [{ role: 'user', content: 'Xyzzy' }], k: 2 };
    const { chunks } = await fastino.ok<{ chunks: Chunk[] }>(
      fastino.post('/chunks', { user_id: userId, ...start }),
    );
    expect(chunks.map(({ text, score }) => [text, score])).toEqual([
      [MEMORIES[2], 0.25],
      [MEMORIES[1], 0.25],
    ]);
    const strict = { ...start, similarity_threshold: 0.3 };
    const none = await fastino.ok<{ chunks: Chunk[] }>(
      fastino.post('/chunks', { user_id: userId, ...strict }),
    );
    expect(none.chunks).toEqual([]);
  });

  it('answers the request of the Realtime guide in its shape', async () => {
    const userId = await fastino.person(MEMORIES);
    const body = {
      user_id: userId,
      conversation: [{ role: 'user', content: 'Start realtime session' }],
      top_k: 3,
    };
    expect(await fastino.ok(fastino.post('/chunks', body))).toEqual({
      results: [...MEMORIES].reverse().map((excerpt) => ({ excerpt })),
    });
  });

  it.each([['results'], ['chunks']] as const)('answers in the shape of %s when it is to', async (shape) => {
    const other = await TestFastino.start({ chunksShape: shape });
    const userId = await other.person(MEMORIES);
    for (const asked of [{ history }, { conversation: history }]) {
      const answer = await other.ok(other.post('/chunks', { user_id: userId, ...asked }));
      expect(Object.keys(answer)[0]).toBe(shape);
    }
    await other.close();
  });

  it.each([
    [{}],
    [{ history: [] }],
    [{ history: 'hello' }],
    [{ history: [{ role: 'user' }] }],
    [{ history: [{ role: 'user', content: 'x' }], k: 0 }],
    [{ conversation: [{ role: 'user', content: 'x' }], top_k: 'three' }],
  ])('refuses %j, and says which field is wrong', async (body) => {
    const userId = await fastino.person();
    const { status, text } = await fastino.post('/chunks', { user_id: userId, ...body });
    expect([status, text]).toEqual([
      400,
      expect.stringMatching(/"INVALID_REQUEST","message":"(history|k|conversation|top_k)\b/),
    ]);
  });
});

describe('POST /query', () => {
  it('searches for seconds, keeps the answer, and answers at once from then on', async () => {
    const userId = await fastino.person(['Reports to Marta Vidal.', 'Likes tea.']);
    const body = { user_id: userId, question: 'Whom does the user report to?' };
    let settled = false;
    const first = fastino.ok(fastino.post('/query', body)).finally(() => (settled = true));
    await fastino.until(() => fastino.clock.nextDueMs() !== undefined);
    fastino.clock.advanceBy(4_999);
    await fastino.ok(fastino.get(`/summary?user_id=${userId}`)); // others are served meanwhile
    expect(settled).toBe(false);
    fastino.clock.advanceBy(1);
    const answer = { user_id: userId, question: body.question, answer: 'Reports to Marta Vidal.' };
    expect(await first).toEqual({ ...answer, cached: false });
    expect(await fastino.ok(fastino.post('/query', body))).toEqual({ ...answer, cached: true });

    const history = [{ role: 'user', content: 'report' }];
    const { chunks } = await fastino.ok<{ chunks: Chunk[] }>(
      fastino.post('/chunks', { user_id: userId, history }),
    );
    expect(chunks).toContainEqual(
      expect.objectContaining({
        id: 'stage3_1',
        source: 'stage3',
        question_index: 1,
        question: body.question,
        answer: answer.answer,
        text: `Q: ${body.question}\nA: ${answer.answer}`,
      }),
    );
  });

  it('searches again when the cache is not to be used, and stops when nobody waits', async () => {
    const quick = await TestFastino.start({ searchMs: 0 });
    const userId = await quick.person(['Reports to Marta.']);
    const body = { user_id: userId, question: 'Who is Marta?', use_cache: false };
    for (let round = 0; round < 2; round++) {
      const answer = quick.ok(quick.post('/query', body));
      await quick.until(() => quick.clock.nextDueMs() !== undefined);
      quick.clock.advanceBy(1);
      expect(await answer).toMatchObject({ cached: false });
    }
    await quick.close();

    const giveUp = new AbortController();
    const user = await fastino.person();
    const question = fastino.ask({
      method: 'POST',
      path: '/query',
      headers: KEY,
      body: { user_id: user, question: 'Anything?' },
      signal: giveUp.signal,
    });
    await fastino.until(() => fastino.clock.nextDueMs() !== undefined);
    giveUp.abort();
    await expect(question).rejects.toThrow();
    await fastino.until(() => fastino.clock.nextDueMs() === undefined);
  });

  it.each([{}, { question: '' }, { question: '  ' }, { question: 7 }])('refuses %j', async (body) => {
    const userId = await fastino.person();
    expect(await fastino.refusal(fastino.post('/query', { user_id: userId, ...body }))).toEqual([
      400,
      'INVALID_REQUEST',
    ]);
  });
});

describe('every call', () => {
  const CALLS: readonly (readonly [string, object | undefined])[] = [
    ['/register', { email: 'a@example.com' }],
    ['/ingest', { user_id: 'usr_none', source: 'x', documents: [{ content: 'x' }] }],
    ['/summary?user_id=usr_none', undefined],
    ['/chunks', { user_id: 'usr_none', history: [{ role: 'user', content: 'x' }] }],
    ['/query', { user_id: 'usr_none', question: 'Who?' }],
  ];
  const make = (server: TestFastino, index: number, headers: Record<string, string>, prefix = '') => {
    const [path, body] = CALLS[index]!;
    return body === undefined
      ? server.get(prefix + path, headers)
      : server.post(prefix + path, body, headers);
  };

  it.each(CALLS.map((_, index) => index))(
    '%i takes the right key in either header, and no other',
    async (index) => {
      const locked = await TestFastino.start({ key: 'pio_sk_right' });
      const status = async (headers: Record<string, string>) => (await make(locked, index, headers)).status;
      expect(await status({ 'x-api-key': 'pio_sk_right' })).not.toBe(401);
      expect(await status({ authorization: 'x-api-key pio_sk_right' })).not.toBe(401);
      for (const headers of [
        {},
        { 'x-api-key': 'pio_sk_wrong' },
        { 'x-api-key': '' },
        { authorization: 'pio_sk_right' },
        { authorization: 'Bearer pio_sk_right' },
        { authorization: 'x-api-key pio_sk_wrong' },
      ])
        expect(await locked.refusal(make(locked, index, headers))).toEqual([401, 'UNAUTHORIZED']);
      await locked.close();
    },
  );

  it.each([
    ['x-api-key', { 'x-api-key': 'k' }, { authorization: 'x-api-key k' }],
    ['authorization', { authorization: 'x-api-key k' }, { 'x-api-key': 'k' }],
  ] as const)('can be made to take %s only', async (form, right, wrong) => {
    const picky = await TestFastino.start({ keyHeaders: [form] });
    expect((await make(picky, 0, right)).status).toBe(200);
    expect((await make(picky, 0, wrong)).status).toBe(401);
    await picky.close();
  });

  it.each([1, 2, 3, 4])('%i tells a user that it does not know', async (index) => {
    const { status, text } = await make(fastino, index, KEY);
    expect([status, JSON.parse(text)]).toEqual([
      404,
      { error: { code: 'USER_NOT_FOUND', message: 'No user found with ID usr_none' } },
    ]);
  });

  it.each(CALLS.map((_, index) => index))(
    '%i is there below /personalization too, and counted',
    async (index) => {
      const { status, text } = await make(fastino, index, KEY, '/personalization');
      expect(index === 0 ? [status] : [status, text.includes('USER_NOT_FOUND')]).toEqual(
        index === 0 ? [200] : [404, true],
      );
      const counts = Object.values(fastino.server.callCounts);
      expect([counts[index], counts.reduce((sum, count) => sum + count, 0)]).toEqual([1, 1]);
    },
  );

  it('is limited to 60 a minute and key, and says when to come back', async () => {
    const limited = await TestFastino.start({ requestsPerMinute: 60 });
    const ask = (key: string) => limited.get('/summary?user_id=usr_1', { 'x-api-key': key });
    for (let index = 0; index < 60; index++) expect((await ask('one')).status).toBe(404);
    limited.clock.advanceBy(12_500);
    const { status, headers, text } = await ask('one');
    expect([status, headers['retry-after'], text]).toEqual([
      429,
      '48',
      expect.stringContaining('RATE_LIMITED') as string,
    ]);
    expect((await ask('two')).status).toBe(404);
    limited.clock.advanceBy(47_500);
    expect((await ask('one')).status).toBe(404);
    await limited.close();
  });
});
