/** What texts mean, as numbers: near ones mean the same, whatever their language. */
import { z } from 'zod';
import { ParleyError } from '../../../errors.js';
import { type OpenAiAccess, openAiCall } from '../../openai/openai-call.js';

/** The port to a model of embeddings. */
export interface Embedder {
  /** Model and dimensions: vectors of different ones cannot be compared. */
  readonly id: string;
  /** A vector of length 1 for each text. Rejects with a ParleyError, or the reason of `signal`. */
  embed(texts: readonly string[], options?: { signal?: AbortSignal }): Promise<Float32Array[]>;
}

const MODEL = 'text-embedding-3-small';
/** Multilingual, and shortened to what is enough for some thousand passages. */
const DIMENSIONS = 512;
const TIMEOUT_MS = 10_000;
const MAX_TEXT_CHARS = 8_000;

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.union([z.string(), z.array(z.number())]) })),
});

/** OpenAI's embeddings (`POST /embeddings`; openai@7.55.0, `EmbeddingCreateParams`). */
export function openAiEmbedder(access: OpenAiAccess, { model = MODEL }: { model?: string } = {}): Embedder {
  return {
    id: `${model}/${DIMENSIONS}`,
    async embed(texts, { signal } = {}) {
      const body = {
        ...{ model, dimensions: DIMENSIONS, encoding_format: 'base64' },
        input: texts.map((text) => text.slice(0, MAX_TEXT_CHARS)),
      };
      const call = {
        path: '/embeddings',
        body,
        timeoutMs: TIMEOUT_MS,
        ...(signal === undefined ? {} : { signal }),
      };
      const { data } = await openAiCall(access, call, answerSchema);
      const vectors = new Map(data.map(({ index, embedding }) => [index, unit(numbersOf(embedding))]));
      return texts.map((_, index) => {
        const vector = vectors.get(index);
        if (vector?.length === DIMENSIONS) return vector;
        throw new ParleyError('protocol', 'embeddings are missing, or of another size, in the answer');
      });
    },
  };
}

function numbersOf(embedding: string | readonly number[]): Float32Array {
  if (typeof embedding !== 'string') return Float32Array.from(embedding);
  return vectorOfBytes(Buffer.from(embedding, 'base64'));
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 && Number.isFinite(length) ? vector.map((value) => value / length) : vector;
}

/** As it is kept: 32-bit floats, little-endian. */
export function bytesOfVector(vector: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes;
}

/** See {@link bytesOfVector}. */
export function vectorOfBytes(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: Math.floor(bytes.byteLength / 4) }, (_, index) =>
    view.getFloat32(index * 4, true),
  );
}

/** How near two vectors of length 1 are: 1 the same, 0 nothing in common. */
export function similarity(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return 0;
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}
