/** What the agent of one meeting is made of. */
import type { AgentAsk, MakeAgentExtension } from '../built-in/agent-meeting.js';
import type { AgentTool } from '../tools/tool.js';
import type { McpServerConfig } from '../tools/mcp/mcp-config.js';
import type { OpenMcpConnection } from '../tools/mcp/mcp-connection.js';

/**
 * When the agent answers. `off`: there is none. `silent`: it is never heard, and what is asked in the chat or by a program is
 * answered in writing. `addressed`: when it is called by its name. `open-questions`: also where a question is left open.
 */
export const AGENT_MODES = ['off', 'silent', 'addressed', 'open-questions'] as const;
/** See {@link AGENT_MODES}. */
export type AgentMode = (typeof AGENT_MODES)[number];

/** What a host chooses, as it is now: all of it can change in a running meeting. */
export type AgentSettings = {
  readonly mode: AgentMode;
  /** What it is called by. */
  readonly wakeName: string;
  /** A voice of the model; undefined: the interpreter's. */
  readonly voice: string | undefined;
  /** What the host wants of it: part of its rules. */
  readonly instructions: string;
  /** Participants who are hosts. */
  readonly hosts: readonly string[];
};

/** What the agent of one meeting is made of. */
export type AgentOptions = {
  readonly meetingId: string;
  readonly settings: AgentSettings;
  /** Of the operator, or added by a program. */
  readonly tools?: readonly AgentTool[];
  /** Of the meeting's settings: one that cannot be added costs itself, and is told. */
  readonly settingsTools?: readonly AgentTool[];
  readonly mcpServers?: readonly McpServerConfig[];
  /** Opens connections to them; needed where there are any. */
  readonly openMcp?: OpenMcpConnection;
  readonly extensions?: readonly MakeAgentExtension[];
  /** What it was told in an earlier stay in the same meeting. */
  readonly told?: readonly string[];
};

/** What came of a question. */
export type AgentAnswer = Pick<AgentAsk, 'askId' | 'language'> & {
  /** `answered`: see `text`; `cut`: silenced before its end, and `text` is all of it; `passed`: there was nothing to say. */
  readonly outcome: 'answered' | 'cut' | 'passed';
  readonly text: string;
};
