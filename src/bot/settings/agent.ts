import { z } from 'zod';
import { configuredServers, httpTools } from '../../agent/tools/configured/tool-settings.js';
import { AGENT_MODES } from '../../agent/meeting/agent-options.js';
import { nameSchema, settingMeta } from './setting.js';

const MAX_HOSTS = 50;
const keeps = { live: false, reason: 'the agent keeps the tools that it began with' } as const;

/** Whether the meeting has an agent, what it is called, and who may have it do what. */
export const agentSettings = {
  agent: z.enum(AGENT_MODES).default('off').register(settingMeta, {
    description:
      'an agent that answers: when called by name, in writing only (silent), or also where a question is left open',
    allowed: 'off, silent, addressed or open-questions',
    live: true,
  }),
  agentName: z.exactOptional(z.string().trim().min(1).max(60)).register(settingMeta, {
    description: 'what the agent is called by, in any script; without it, the interpreter’s name',
    allowed: 'a name of 1 to 60 characters',
    live: true,
  }),
  agentVoice: z.exactOptional(nameSchema(64)).register(settingMeta, {
    description: 'voice that the agent speaks with; without it, the interpreter’s',
    allowed: 'the name of a voice, such as marin or cedar',
    live: true,
  }),
  agentInstructions: z.string().max(4_000).default('').register(settingMeta, {
    description: 'what the host wants of the agent, beside its own rules',
    allowed: 'a text of up to 4000 characters',
    live: true,
  }),
  agentHosts: z.array(z.string().min(1).max(200)).max(MAX_HOSTS).default([]).register(settingMeta, {
    description: 'participants who are hosts to the agent, by their ids',
    allowed: 'a list of participant ids, in JSON ["id"]',
    live: true,
  }),
  agentTools: z.exactOptional(httpTools).register(settingMeta, {
    description: 'HTTP services that the agent calls as its tools; their keys are secrets, by name',
    allowed:
      'a list of tools, such as [{"name": "find_room", "description": "Finds a room.", "url": "https://example.com/rooms", "level": "read"}]',
    ...keeps,
  }),
  agentServers: z.exactOptional(configuredServers).register(settingMeta, {
    description:
      'MCP servers by Streamable HTTP whose tools the agent calls; those without a level need a yes each time',
    allowed:
      'a list of servers, such as [{"name": "crm", "url": "https://example.com/mcp", "levels": {"search": "read"}}]',
    ...keeps,
  }),
};
