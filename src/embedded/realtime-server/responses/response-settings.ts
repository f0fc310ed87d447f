/** What one response is asked to be: the session's configuration, overridden by the fields of `response.create`. */
import { isDeepStrictEqual } from 'node:util';
import {
  anything,
  arrayOf,
  type Check,
  flag,
  isJsonObject,
  object,
  oneOf,
  textUpTo,
} from '../config/checks.js';
import { ClientEventError, invalidType } from '../server/client-error.js';
import {
  audioFormat,
  instructionsText,
  maxOutputTokens,
  outputModalities,
  prompt,
  reasoning,
  toolChoice,
  tools,
  voice,
} from '../config/config-checks.js';
import type {
  AudioFormat,
  MaxOutputTokens,
  OutputModality,
  SessionConfig,
  Tool,
  ToolChoice,
  Voice,
} from '../config/session-config.js';

/** A client's own labels, given back as they are. */
export type Metadata = Record<string, string> | null;

/** Everything that decides how a response looks; `input` is still unparsed. */
export type ResponseSettings = {
  outOfBand: boolean;
  input: readonly unknown[] | undefined;
  instructions: string;
  /** Of the response itself, not of the session. */
  ownInstructions: string | undefined;
  modality: OutputModality;
  maxOutputTokens: MaxOutputTokens;
  tools: readonly Tool[];
  toolChoice: ToolChoice;
  format: AudioFormat;
  voice: Voice;
  /** Of the session: a response cannot name its own. */
  speed: number;
  metadata: Metadata;
};

const metadata: Check<Metadata> = (value, path) => {
  if (value === null) return null;
  if (!isJsonObject(value)) throw invalidType(path, 'an object', value);
  const entries = Object.entries(value);
  if (entries.length > 16) {
    throw new ClientEventError(
      'object_above_max_properties',
      `Invalid '${path}': too many properties. Expected an object with at most 16 properties, but got an object with ${entries.length} properties instead.`,
      path,
    );
  }
  const checked = entries.map(
    ([key, entry]) => [textUpTo(64)(key, path), textUpTo(512)(entry, `${path}.${key.slice(0, 64)}`)] as const,
  );
  return Object.fromEntries(checked);
};

const responseParams = object({
  conversation: oneOf('auto', 'none'),
  input: arrayOf(anything, 1_000),
  instructions: instructionsText,
  output_modalities: outputModalities,
  max_output_tokens: maxOutputTokens,
  tools,
  tool_choice: toolChoice,
  audio: object({ output: object({ format: audioFormat, voice }) }),
  metadata,
  parallel_tool_calls: flag,
  reasoning,
  prompt,
});

/**
 * The settings of a response that the client asks for.
 * @throws ClientEventError naming the first field that cannot be taken.
 */
export function responseSettings(
  config: SessionConfig,
  response: unknown,
  progress: { audioProduced: boolean },
): ResponseSettings {
  const given = response === undefined ? {} : responseParams(response, 'response');
  const output = { ...config.audio.output, ...given.audio?.output };
  if (progress.audioProduced && !isDeepStrictEqual(output.voice, config.audio.output.voice)) {
    throw new ClientEventError(
      'cannot_update_voice',
      "Cannot update a conversation's voice if assistant audio is present.",
      'response.audio.output.voice',
    );
  }
  return {
    outOfBand: given.conversation === 'none',
    input: given.input,
    instructions: given.instructions ?? config.instructions,
    ownInstructions: given.instructions === '' ? undefined : given.instructions,
    modality: (given.output_modalities ?? config.output_modalities)[0] ?? 'audio',
    maxOutputTokens: given.max_output_tokens ?? config.max_output_tokens,
    tools: given.tools ?? config.tools,
    toolChoice: given.tool_choice ?? config.tool_choice,
    format: output.format,
    voice: output.voice,
    speed: output.speed,
    metadata: given.metadata ?? null,
  };
}
