/** The API as one Hono app: who asks, whether they may, how often, whether it was asked before, and then the endpoint. */
import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import { isDatabaseAway } from '../../database/errors.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { redactText } from '../../redaction.js';
import { allows, type Caller } from '../auth/scopes.js';
import { foreignCookieUse, isOwnHost, isOwnOrigin, type Site } from '../auth/site.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { IdempotentAnswers } from './idempotent-answers.js';
import { Problem, problemResponse } from './problem.js';
import { jsonBodyOf } from './request-values.js';
import type { Answer, CallContext, Route } from './route.js';
import { NO_CALLER } from '../auth/no-caller.js';

/** What the app is made of. */
export type AppOptions = {
  readonly routes: readonly Route[];
  /** Pages and their files, by path. */
  readonly pages: ReadonlyMap<string, PageFile>;
  /** Known once the server listens. */
  readonly site: () => Site;
  readonly authenticator: Authenticator;
  readonly answers: IdempotentAnswers;
  readonly log: Logger;
  /** Called once for each request with what was answered. */
  readonly onAnswer?: (answer: { route: string; status: number; durationMs: number }) => void;
  /** Checks every answer against its own schema: for tests that the document says what is true. */
  readonly checksAnswers?: boolean;
};

/** A file that is served as it is. */
export type PageFile = { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> };

type Variables = { Variables: { requestId: string; remoteAddress: string | undefined } };

/** Monitors ask by address, not by name. */
const FOR_MONITORS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);
/** A database that is away is asked for again after so long. */
const DATABASE_AWAY_S = 5;
const REQUEST_ID = /^[\w.-]{1,64}$/;
/** The service listens on loopback as a rule; proxies before it may say more. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
/** Nothing but the service's own files, and nothing inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Makes the app. It neither listens nor closes anything. */
export function createApp(options: AppOptions): Hono<Variables> {
  const { routes, pages, site, log, onAnswer } = options;
  const app = new Hono<Variables>();
  app.use(async (context, next) => {
    const startMs = performance.now();
    const given = context.req.header('x-request-id');
    context.set('requestId', given !== undefined && REQUEST_ID.test(given) ? given : `req_${randomUUID()}`);
    context.set('remoteAddress', remoteAddressOf(context));
    refuseForeign(context, site());
    await next();
    const { headers, status } = context.res;
    headers.set('x-request-id', context.get('requestId'));
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!headers.has(name)) headers.set(name, value);
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    allowOrigin(context, headers, site());
    onAnswer?.({ route: routeName(context), status, durationMs: performance.now() - startMs });
  });
  app.options('/v1/*', (context) => preflight(context, site()));
  const methods = new Map<string, Set<string>>();
  for (const each of routes) {
    const path = each.path.replace(/\{(\w+)\}/g, ':$1');
    methods.set(path, (methods.get(path) ?? new Set()).add(each.method));
    app.on(each.method, path, (context) => answer(context, each, options));
  }
  for (const [path, known] of methods) {
    app.all(path, (context) => {
      const response = problemResponse(
        new Problem(
          'method_not_allowed',
          `${context.req.method} does nothing here: use ${[...known].join(' or ')}`,
        ),
        context.get('requestId'),
      );
      response.headers.set('allow', [...known].join(', '));
      return response;
    });
  }
  app.get('*', (context) => {
    const file = pages.get(context.req.path);
    if (file === undefined) return notFound(context);
    const { 'content-type': type = '' } = file.headers;
    const policy = type.startsWith('text/html') ? { 'content-security-policy': CONTENT_SECURITY_POLICY } : {};
    return new Response(file.body as Uint8Array<ArrayBuffer>, {
      headers: { 'cache-control': 'no-cache', ...policy, ...file.headers },
    });
  });
  app.notFound((context) => notFound(context));
  app.onError((error, context) => failed(error, context, log));
  return app;
}

/** A request under a name that is not ours, by a page that rebound its own name, or across sites. */
function refuseForeign(context: Context<Variables>, site: Site): void {
  if (FOR_MONITORS.has(context.req.path)) return;
  if (!isOwnHost(site, context.req.header('host')))
    throw new Problem('foreign_host', 'the service answers only under its own address: see --public-url');
}

async function answer(context: Context<Variables>, route: Route, options: AppOptions): Promise<Response> {
  const { authenticator, answers, checksAnswers = false } = options;
  const requestId = context.get('requestId');
  const remoteAddress = context.get('remoteAddress');
  const { method } = context.req;
  const request = context.req.raw;
  const found = await authenticator.callerOf({
    authorization: context.req.header('authorization'),
    cookie: context.req.header('cookie'),
    remoteAddress,
  });
  const isByCookie = found?.kind === 'session';
  if (isByCookie || route.scope === 'anybody') checkOrigin(context, options.site(), isByCookie);
  const caller = allowed(found, route);
  const call: CallContext = { caller, requestId, request, remoteAddress };
  const url = new URL(request.url);
  const body = route.schemas.body === undefined ? undefined : await jsonBodyOf(request);
  const input = { params: context.req.param(), query: queryOf(url.searchParams), body };
  const run = async (): Promise<Response> => {
    const given = await route.run(input, call);
    if (given instanceof Response) return given;
    if (checksAnswers) route.schemas.answer?.parse(given.json);
    return responseOf(given, route.status);
  };
  const key = context.req.header('idempotency-key');
  if (method !== 'POST' || key === undefined || route.repeatable === true || route.scope === 'anybody')
    return run();
  return answers.once(
    {
      workspaceId: caller.workspaceId,
      key,
      request: [method, url.pathname, JSON.stringify(body ?? null)],
      isSecret: route.secretAnswer === true,
    },
    run,
  );
}

/** What changes something with a cookie, or without any proof, comes from our own page; without a browser there is no Origin. */
function checkOrigin(context: Context<Variables>, site: Site, isByCookie: boolean): void {
  const origin = context.req.header('origin');
  const fetchSite = context.req.header('sec-fetch-site');
  if (!isByCookie) {
    if (origin !== undefined && !isOwnOrigin(site, origin))
      throw new Problem('foreign_origin', 'the request is refused: its Origin is another site');
    return;
  }
  const why = foreignCookieUse(site, { method: context.req.method, origin, fetchSite });
  if (why !== undefined) throw new Problem('foreign_origin', `the request is refused: ${why}`);
}

function allowed(caller: Caller | undefined, { scope }: Route): Caller {
  if (scope === 'anybody') return caller ?? NO_CALLER;
  if (caller === undefined)
    throw new Problem('unauthenticated', 'send an API key as "Authorization: Bearer pk_…", or sign in');
  if (scope !== 'signed-in' && !allows(caller.scopes, scope))
    throw new Problem('forbidden', `this needs the scope ${scope}; yours: ${caller.scopes.join(', ')}`, {
      reason: 'needs_scope',
    });
  return caller;
}

function queryOf(parameters: URLSearchParams): Record<string, unknown> {
  const names = new Set(parameters.keys());
  return Object.fromEntries(
    [...names].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

function responseOf({ status, headers, json }: Answer<unknown>, usual: number): Response {
  const code = status ?? usual;
  if (json === undefined) return new Response(null, { status: code, headers: { ...headers } });
  return new Response(JSON.stringify(json), {
    status: code,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

function failed(error: unknown, context: Context<Variables>, log: Logger): Response {
  const requestId = context.get('requestId');
  const problem = problemOf(error);
  if (problem.code === 'internal' || problem.details.cause !== undefined) {
    const isAway = isDatabaseAway(problem.details.cause);
    const level = problem.code === 'internal' ? 'error' : isAway ? 'warn' : 'debug';
    log[level]({ err: error, requestId, route: routeName(context) }, 'a request failed');
  }
  const response = problemResponse(problem, requestId);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
  response.headers.set('x-request-id', requestId);
  return response;
}

/** A problem for anything that was thrown: errors of Parley say what to do, others are bugs and tell nothing of themselves. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error))
    return new Problem(
      'service_unavailable',
      'the database of the service cannot be used at present, and meetings go on: ask again in a moment',
      { retryAfterS: DATABASE_AWAY_S, cause: error },
    );
  if (!(error instanceof ParleyError))
    return new Problem(
      'internal',
      'a bug of Parley: the log of the service says more, under this requestId',
      { cause: error },
    );
  const message = redactText(messageOf(error));
  const retryAfterS = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1_000);
  switch (error.code) {
    case 'usage':
    case 'config':
    case 'input_missing':
    case 'input_unusable':
      return new Problem('invalid_request', message, { cause: error });
    case 'key_refused':
      return new Problem('key_refused', message, { cause: error });
    case 'service_unavailable':
    case 'protocol':
      return new Problem('service_unavailable', message, { retryAfterS: retryAfterS ?? 5, cause: error });
    case 'cassette_mismatch':
    case 'internal':
      return new Problem('internal', message, { cause: error });
  }
}

function notFound(context: Context<Variables>): Response {
  return problemResponse(
    new Problem('not_found', 'there is nothing at this address: see /docs'),
    context.get('requestId'),
  );
}

/** Pages of other origins may call the API with a key where they are listed; never with a cookie. */
function allowOrigin(context: Context<Variables>, headers: Headers, { allowedOrigins }: Site): void {
  const origin = context.req.header('origin');
  if (origin === undefined || !allowedOrigins.includes(origin) || !context.req.path.startsWith('/v1/'))
    return;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', 'etag, location, retry-after, x-request-id');
  headers.set('cross-origin-resource-policy', 'cross-origin');
  headers.append('vary', 'origin');
}

function preflight(context: Context<Variables>, { allowedOrigins }: Site): Response {
  const origin = context.req.header('origin');
  if (origin === undefined || !allowedOrigins.includes(origin)) return new Response(null, { status: 403 });
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
      'access-control-allow-headers':
        'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, x-request-id',
      'access-control-max-age': '600',
    },
  });
}

function routeName(context: Context<Variables>): string {
  return routePath(context);
}

/** What `@hono/node-server` knows of the connection; in tests there is none. */
function remoteAddressOf(context: Context<Variables>): string | undefined {
  const bindings = context.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return bindings?.incoming?.socket?.remoteAddress;
}
