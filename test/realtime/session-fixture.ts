/** A conversation session over a scripted server, on a virtual clock, with everything that it tells recorded. */
import { VirtualClock } from '../../src/clock.js';
import {
  type ConversationConfig,
  DEFAULT_CONVERSATION_CONFIG,
} from '../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../src/realtime/conversation/conversation-session.js';
import { ScriptedServer, type ScriptedServerOptions } from './scripted-transport.js';
import { record, type Recorded } from './recorded-events.js';
import { append } from './chunks.js';

export type SessionFixture = Recorded & {
  session: ConversationSession;
  server: ScriptedServer;
  clock: VirtualClock;
};

export function makeSession(
  config: Partial<ConversationConfig> = {},
  serverOptions: ScriptedServerOptions = {},
  name = 'maria',
  patienceMs = 0,
  onListenerError: (error: unknown) => void = () => undefined,
): SessionFixture {
  const clock = new VirtualClock();
  const server = new ScriptedServer(serverOptions);
  const session = new ConversationSession({
    open: server.open,
    clock,
    name,
    config: { ...DEFAULT_CONVERSATION_CONFIG, ...config },
    instructions: 'translate to English',
    patienceMs,
    onListenerError,
  });
  return { session, server, clock, ...record(session) };
}

export async function connected(
  config: Partial<ConversationConfig> = {},
  serverOptions: ScriptedServerOptions = {},
  name?: string,
  onListenerError?: (error: unknown) => void,
): Promise<SessionFixture> {
  const fixture = makeSession(config, serverOptions, name, 0, onListenerError);
  await fixture.session.connect();
  return fixture;
}

/** Lets promises that are settled go on. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Speaks `durationMs` of `frame(n)` in 10 ms frames from the clock's present time on, moving the clock along. */
export function speak(
  { session, clock }: Pick<SessionFixture, 'session' | 'clock'>,
  durationMs: number,
  frame: () => Int16Array,
): void {
  for (let done = 0; done < durationMs; done += 10) {
    const atMs = clock.nowMs();
    clock.advanceBy(10); // a frame is complete at its end
    append(session, frame(), atMs);
  }
}

/** No timer is set but the one for the end of the session, which is far away. */
export function nothingIsDue(clock: VirtualClock): boolean {
  const dueMs = clock.nextDueMs();
  return dueMs === undefined || dueMs - clock.nowMs() > 600_000;
}
