import { expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { SessionHost } from '../../../src/embedded/realtime-server/index.js';
import { ConversationSession } from '../../../src/realtime/conversation/conversation-session.js';
import {
  DEFAULT_CONVERSATION_CONFIG,
  type ResponseMode,
} from '../../../src/realtime/conversation/conversation-config.js';
import type { TokenUsage } from '../../../src/realtime/usage.js';
import { MemoryConnections } from '../../../src/replay/backend/memory-connections.js';
import { babble, TestResponder } from '../../embedded/realtime-server/harness.js';
import { turns } from '../session-fixture.js';
import { append } from '../chunks.js';

const PHRASES = 200;

function inputOf({ textIn, cachedTextIn, audioIn, cachedAudioIn }: TokenUsage): number {
  return textIn + cachedTextIn + audioIn + cachedAudioIn;
}

/** Input tokens of each response of a session that hears the same phrase again and again. */
async function inputTokens(responses: ResponseMode): Promise<number[]> {
  const clock = new VirtualClock();
  const connections = new MemoryConnections(new SessionHost({ clock, responder: new TestResponder() }), 'm');
  const session = new ConversationSession({
    open: connections.open,
    clock,
    name: 'maria',
    config: { ...DEFAULT_CONVERSATION_CONFIG, responses },
    instructions: 'translate to English',
  });
  const counts: number[] = [];
  const outcomes: string[] = [];
  session.events.on('usage', (usage) => {
    if (usage.kind === 'response' && 'tokens' in usage) counts.push(inputOf(usage.tokens));
  });
  session.events.on('turnDone', ({ outcome }) => outcomes.push(outcome));
  const connecting = session.connect();
  for (let round = 0; round < 20; round++) {
    connections.deliver();
    await turns(1);
  }
  await connecting;
  const speech = babble(800);
  const frame = new Int16Array(240);
  for (let phrase = 0; phrase < PHRASES; phrase++) {
    for (let atMs = 0; atMs < 2_500; atMs += 10) {
      const startMs = clock.nowMs();
      clock.advanceBy(10);
      frame.fill(0);
      frame.set(speech.subarray(atMs * 24, atMs * 24 + 240));
      append(session, frame, startMs);
      while (connections.deliver());
    }
  }
  expect(connections.failure).toBeUndefined();
  expect(outcomes).toEqual(Array.from({ length: PHRASES }, () => 'completed'));
  await session.close(0);
  return counts;
}

it.each(['client', 'server'] as const)(
  'phrase 200 costs at most 1.2 times the input tokens of phrase 10 (responses by the %s)',
  async (responses) => {
    const counts = await inputTokens(responses);
    expect(counts).toHaveLength(PHRASES);
    expect(counts[9]).toBeGreaterThan(0);
    expect(Math.max(...counts.slice(9)) / counts[9]!).toBeLessThanOrEqual(1.2);
  },
  60_000,
);
