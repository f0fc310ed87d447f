/** A model that answers in JSON of a schema. */
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { type OpenAiAccess, openAiCall } from '../openai/openai-call.js';

/** One question to it. */
export type TextQuestion<Schema extends z.ZodType> = {
  /** What it is to do: ours. */
  readonly instructions: string;
  /** What it is to do it with: untrusted. */
  readonly input: string;
  /** Of the answer. For strict schemas every field is there: what may be absent is null. */
  readonly schema: Schema;
  readonly signal?: AbortSignal | undefined;
  /** Told what the answer used, also where it is none of the schema. */
  readonly onUsage?: ((usage: TextUsage) => void) | undefined;
};

/** Tokens of one answer; cached ones are not among the others. */
export type TextUsage = {
  readonly textIn: number;
  readonly cachedTextIn: number;
  readonly textOut: number;
};

/** The port to such a model. */
export interface TextModel {
  readonly name: string;
  /** Rejects with a ParleyError where there is no answer, or none of the schema; or the reason of `signal`. */
  answer<Schema extends z.ZodType>(question: TextQuestion<Schema>): Promise<z.output<Schema>>;
}

const MODEL = 'gpt-5.4-mini';
const TIMEOUT_MS = 120_000;

const count = z.number().nonnegative();
const responseSchema = z.object({
  usage: z
    .object({
      input_tokens: count,
      output_tokens: count,
      input_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
    })
    .nullish(),
  status: z.string(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.union([
      z.object({
        type: z.literal('message'),
        content: z.array(
          z.union([
            z.object({ type: z.literal('output_text'), text: z.string() }),
            z.object({ type: z.literal('refusal'), refusal: z.string() }),
            z.object({ type: z.string() }),
          ]),
        ),
      }),
      z.object({ type: z.string() }),
    ]),
  ),
});

/** OpenAI's Responses API (`POST /responses`; openai@7.55.0, `ResponseCreateParams`), with a strict schema; nothing is stored there. */
export function openAiTextModel(access: OpenAiAccess, { model = MODEL }: { model?: string } = {}): TextModel {
  return {
    name: model,
    async answer({ instructions, input, schema, signal, onUsage }) {
      const json = z.toJSONSchema(schema);
      delete json.$schema;
      const body = {
        ...{ model, instructions, input, store: false },
        text: { format: { type: 'json_schema', name: 'answer', strict: true, schema: json } },
      };
      const call = {
        path: '/responses',
        body,
        timeoutMs: TIMEOUT_MS,
        ...(signal === undefined ? {} : { signal }),
      };
      const response = await openAiCall(access, call, responseSchema);
      if (response.usage != null) onUsage?.(usageOf(response.usage));
      const fail = (why: string) => new ParleyError('protocol', `${model} gave no answer: ${why}`);
      if (response.status !== 'completed') throw fail(response.incomplete_details?.reason ?? response.status);
      const parts = response.output.flatMap((each) => ('content' in each ? each.content : []));
      if (parts.some((part) => 'refusal' in part)) throw fail('it refused');
      const text = parts.map((part) => ('text' in part ? part.text : '')).join('');
      const { data } = schema.safeParse(jsonOf(text));
      if (data === undefined) throw fail('what it wrote is not of the schema');
      return data;
    },
  };
}

function usageOf({
  input_tokens: all,
  output_tokens: textOut,
  input_tokens_details: details,
}: NonNullable<z.output<typeof responseSchema>['usage']>): TextUsage {
  const cachedTextIn = Math.min(all, details?.cached_tokens ?? 0);
  return { textIn: all - cachedTextIn, cachedTextIn, textOut };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
