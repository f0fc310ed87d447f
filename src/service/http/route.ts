/** One endpoint: its schemas check what comes, and make the OpenAPI document. */
import type { z } from 'zod';
import type { Caller, Scope } from '../auth/scopes.js';
import type { ProblemCode } from './problem.js';
import { checked } from './request-values.js';

/** What is known of an endpoint beside what it does. */
export type RouteAbout = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it, such as `/v1/bots/{botId}`. */
  readonly path: string;
  /** Name of the operation, such as `createBot`. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What the caller must be allowed to do; `signed-in`: nothing in particular; `anybody`: no key is asked for. */
  readonly scope: Scope | 'signed-in' | 'anybody';
  /** Problems beside those that every endpoint has. */
  readonly problems?: readonly ProblemCode[];
  /** The answer holds a secret that is shown once: it is not kept for a repeated request. */
  readonly secretAnswer?: true;
  /** Nothing is kept for a repeated request, since the answer is only for the moment. */
  readonly repeatable?: true;
  /** Reads `If-Match`. */
  readonly conditional?: true;
  /** The body is a file, which the handler reads from the request itself (`upload.ts`). */
  readonly uploads?: true;
};

type Schemas = {
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** JSON of the answer; absent: none, or what `answerTypes` names. */
  answer?: z.ZodType;
};
type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type InputOf<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** A request as a handler sees it. */
export type Call<Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came, without the defaults of the schema; it was checked. */
  readonly rawBody: unknown;
} & CallContext;

/** What belongs to every request. */
export type CallContext = {
  readonly caller: Caller;
  readonly requestId: string;
  readonly request: Request;
  /** Where the request came from, as far as it is known. */
  readonly remoteAddress: string | undefined;
};

/** What a handler answers with; or a response of its own. */
export type Answer<Json> = {
  /** By default the route's status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: Json;
};

/** What comes before it is checked. */
export type RawInput = { readonly params: unknown; readonly query: unknown; readonly body: unknown };

/** An endpoint, ready to be mounted. */
export type Route = RouteAbout & {
  readonly schemas: Readonly<Schemas>;
  /** Status of the answer in words. */
  readonly status: number;
  /** Status codes beside it that are no problems, with what they mean. */
  readonly otherStatuses: Readonly<Record<number, string>>;
  /** Media types of an answer that is no JSON. */
  readonly answerTypes: readonly string[];
  /** Checks and answers. Throws Problem. */
  run(input: RawInput, context: CallContext): Promise<Answer<unknown> | Response>;
};

/** Makes an endpoint of its schemas and what it does. */
export function route<
  const Params extends z.ZodObject | undefined = undefined,
  const Query extends z.ZodObject | undefined = undefined,
  const Body extends z.ZodType | undefined = undefined,
  const Json extends z.ZodType | undefined = undefined,
>(
  about: RouteAbout & {
    params?: Params;
    query?: Query;
    body?: Body;
    answer?: Json;
    /** By default 200, or 204 where there is no answer. */
    status?: number;
    otherStatuses?: Readonly<Record<number, string>>;
    answerTypes?: readonly string[];
  },
  handle: (
    call: Call<OutputOf<Params>, OutputOf<Query>, OutputOf<Body>>,
  ) => Promise<Answer<InputOf<Json>> | Response>,
): Route {
  const { params, query, body, answer, answerTypes = [], otherStatuses = {}, ...rest } = about;
  const schemas: Schemas = {
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    ...(answer === undefined ? {} : { answer }),
  };
  const status = about.status ?? (answer === undefined && answerTypes.length === 0 ? 204 : 200);
  return {
    ...rest,
    ...{ schemas, status, answerTypes, otherStatuses },
    run: async (input, context) =>
      handle({
        params: (params === undefined
          ? undefined
          : checked(params, input.params, 'path')) as OutputOf<Params>,
        query: (query === undefined ? undefined : checked(query, input.query, 'query')) as OutputOf<Query>,
        body: (body === undefined ? undefined : checked(body, input.body)) as OutputOf<Body>,
        rawBody: input.body,
        ...context,
      }),
  };
}
