/** A conversation session with tools over the embedded server, in memory, on a virtual clock: what was sent, said and told. */
import { VirtualClock } from '../../../src/clock.js';
import {
  type ReplyScript,
  type SessionHostOptions,
  type Responder,
} from '../../../src/embedded/realtime-server/index.js';
import {
  type ConversationConfig,
  DEFAULT_CONVERSATION_CONFIG,
} from '../../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../../src/realtime/conversation/conversation-session.js';
import type { SessionTools, ToolCall } from '../../../src/realtime/session-tools.js';
import { tapTransport } from '../../../src/realtime/transport.js';
import { MemoryServer } from '../memory-server.js';
import { record, type Recorded } from '../recorded-events.js';

type Event = { type: string } & Readonly<Record<string, unknown>>;
type Wire = Event & { connection: number };

/** Answers text only: it hears nothing. */
const responder: Responder = {
  name: 'text',
  respondToAudio: () => ({ sourceText: '', text: '', pcm24k: new Int16Array(0) }),
  respondToText: ({ text }) => ({ sourceText: text, text: `told: ${text}`, pcm24k: new Int16Array(2_400) }),
};

/** Two tools without parameters. */
export const TOOLS = ['look', 'save'].map((name) => ({ name, parameters: { type: 'object' } }));

export class ToolsFixture {
  readonly clock = new VirtualClock();
  readonly server: MemoryServer;
  readonly session: ConversationSession;
  readonly tools: SessionTools;
  readonly recorded: Recorded;
  /** What the client sent, appends left out. */
  readonly sent: Wire[] = [];
  /** What the server sent. */
  readonly received: Wire[] = [];
  #connections = 0;

  constructor(
    script: ReplyScript,
    options: Partial<SessionHostOptions> = {},
    config: Partial<ConversationConfig> = {},
  ) {
    this.server = new MemoryServer({ clock: this.clock, responder, script, ...options });
    this.session = new ConversationSession({
      open: (handlers) => {
        const connection = ++this.#connections;
        return tapTransport(this.server.conversation, (direction, text) => {
          const event = JSON.parse(text) as Event;
          if (event.type !== 'input_audio_buffer.append') {
            (direction === 'client' ? this.sent : this.received).push({ ...event, connection });
          }
        })(handlers);
      },
      clock: this.clock,
      name: 'agent',
      config: { ...DEFAULT_CONVERSATION_CONFIG, tools: TOOLS, ...config },
      instructions: 'help',
      patienceMs: 0,
      onListenerError: (error) => {
        throw error;
      },
    });
    this.tools = this.session.tools!;
    this.recorded = record(this.session);
  }

  static async open(...options: ConstructorParameters<typeof ToolsFixture>): Promise<ToolsFixture> {
    const fixture = new ToolsFixture(...options);
    const connecting = fixture.session.connect();
    await fixture.advance(1_000);
    await connecting;
    return fixture;
  }

  /** Time passes, and both ends handle what comes of it. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    await this.server.settle();
    for (let dueMs = this.clock.nextDueMs(); dueMs !== undefined && dueMs <= untilMs;) {
      this.clock.advanceTo(dueMs);
      await this.server.settle();
      dueMs = this.clock.nextDueMs();
    }
    this.clock.advanceTo(untilMs);
    await this.server.settle();
  }

  /** A message of the user, and time for its answer. */
  async ask(text: string): Promise<void> {
    this.tools.sendMessage({ text });
    await this.advance(3_000);
  }

  /** The calls told last. */
  get calls(): readonly ToolCall[] {
    return this.recorded.emitted.toolCalls.at(-1)?.calls ?? [];
  }

  /** The turn whose calls were told last. */
  get turnId(): string {
    return this.recorded.emitted.toolCalls.at(-1)!.turnId;
  }

  answer(index: number, output: string): boolean {
    return this.tools.answerCall(this.turnId, this.calls[index]!.callId, output);
  }

  /** What the client sent that is of this type. */
  of(type: string): Wire[] {
    return this.sent.filter((event) => event.type === type);
  }

  /** The items that the client added, of this type. */
  added(type: string): Readonly<Record<string, unknown>>[] {
    return this.of('conversation.item.create')
      .map(({ item }) => item as Readonly<Record<string, unknown>>)
      .filter((item) => item['type'] === type);
  }

  /** The outputs that were sent, as call id and text. */
  get outputs(): unknown[] {
    return this.added('function_call_output').map(({ call_id, output }) => [call_id, output]);
  }

  /** What was said in each turn that is over. */
  get said(): string[] {
    return this.recorded.emitted.translationTranscript.filter(({ final }) => final).map(({ text }) => text);
  }

  /** Errors of the server. */
  get refused(): unknown[] {
    return this.received.filter(({ type }) => type === 'error').map(({ error }) => error);
  }

  async stop(): Promise<void> {
    await this.session.close(0);
    await this.server.close();
  }
}
