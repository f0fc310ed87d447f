/** The port to the tools of a session: functions that its model may call, and what they give back. */

/** A function that the model may call. */
export type ToolDefinition = {
  /** 1 to 64 letters, digits, underscores and dashes: the API refuses other names. */
  readonly name: string;
  /** For the model: when to call it, and what it does. */
  readonly description?: string;
  /** A JSON Schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
};

/** One call that the model makes. */
export type ToolCall = {
  /** Unique among the calls of its turn. */
  readonly callId: string;
  readonly name: string;
  /** JSON text as the model wrote it: not checked. */
  readonly arguments: string;
};

/** What somebody writes, or says, to the model. */
export type UserMessage = {
  readonly text: string;
  /**
   * How it sounded: 24 kHz mono PCM16, five minutes at most (the API takes 15 MiB for each event), not to be written to afterwards. The
   * model hears it before it reads the text; a server that takes no sound in messages is sent the text alone.
   */
  readonly sound?: Int16Array | undefined;
};

/** A call that the model would make, and nobody makes. */
export type AsideCall = Pick<ToolCall, 'name' | 'arguments'>;

/** What the model is told beside a message, and may call. */
export type AskedAside = { readonly instructions: string; readonly tools: readonly ToolDefinition[] };

/** All calls of one response. Each is to be answered once, with {@link SessionTools.answerCall}. */
export type ToolCalls = {
  readonly turnId: string;
  /** Which response of its turn made them, from 1 on. */
  readonly step: number;
  readonly calls: readonly ToolCall[];
};

/**
 * The tools of a session. Calls are told by its event `toolCalls` once their response is complete; the model goes on with the turn
 * when all of them are answered, by one response. After five responses of a turn that made calls, it may make no more. A call
 * outlives its connection, and that its turn is not wanted any more: it can always be answered, and its answer always reaches the
 * server, as long as the session lasts.
 */
export interface SessionTools {
  /** Replaces the tools; before `connect` they become the first ones. An update that the server refuses is told by a notice. */
  setTools(tools: readonly ToolDefinition[]): void;
  /** What a call of this turn gave back. Returns false where none waits for it: it was answered, or the session has ended. */
  answerCall(turnId: string, callId: string, output: string): boolean;
  /**
   * Adds a message of the user to the conversation and has it answered, behind what is being answered: a turn without speech,
   * told by `turnCommitted` and what follows it. Does nothing where the session is not ready.
   */
  sendMessage(message: UserMessage): void;
  /**
   * What the model would call for the message of this turn, were it told nothing else: no other turn, and none of the session's
   * instructions. Nothing is said, and no call is made. Resolves to undefined where that is not known within five seconds.
   */
  callsFor(turnId: string, aside: AskedAside): Promise<readonly AsideCall[] | undefined>;
  /**
   * Has a text of ours spoken, as the instructions say, while calls are made. Does nothing and returns false where a response is
   * running or asked for: something is being said then.
   */
  speakMeanwhile(text: string): boolean;
}
