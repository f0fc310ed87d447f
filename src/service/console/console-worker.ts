/**
 * The service worker: keeps the console's own files, so that it opens without a network and says so. It answers for nothing
 * else: behind a worker that only passes things on, an event feed forgets its last id.
 */

/** Set by the build: the files, and what they hold. */
declare const SHELL_FILES: readonly string[];
declare const SHELL_VERSION: string;

type WorkerEvent = Event & { waitUntil(promise: Promise<unknown>): void };
type FetchEvent = WorkerEvent & { readonly request: Request; respondWith(response: Promise<Response>): void };
type WorkerScope = {
  addEventListener(type: 'install' | 'activate', listener: (event: WorkerEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
};

const scope = globalThis as unknown as WorkerScope;
const NAME = `parley-console-${SHELL_VERSION}`;
const PAGES: ReadonlySet<string> = new Set(['/', '/setup']);

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll([...SHELL_FILES])));
  void scope.skipWaiting();
});

scope.addEventListener('activate', (event) => {
  const others = caches
    .keys()
    .then((names) => names.filter((name) => name.startsWith('parley-console-') && name !== NAME))
    .then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(others.then(() => scope.clients.claim()));
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return;
  if (request.mode === 'navigate' ? !PAGES.has(url.pathname) : !SHELL_FILES.includes(url.pathname)) return;
  // The service's own files first: a new version is seen at once. What is kept is for when it is away.
  const kept = request.mode === 'navigate' ? '/' : url.pathname;
  event.respondWith(fetch(request).catch(async () => (await caches.match(kept)) ?? Response.error()));
});
