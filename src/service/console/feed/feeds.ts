/** The feeds as one window sees them. */
import { BROWSER_SOURCES } from './browser-sources.js';
import { type Connection, FeedHub, type HubMessage, type HubRequest } from './feed-hub.js';
import { EMPTY, type FeedState, reduce } from './feed-state.js';

const HERE_MS = 50_000;

type Watch = {
  readonly listener: (state: FeedState, connection: Connection) => void;
  state: FeedState;
  connection: Connection;
};
type ToHub = (request: HubRequest | { readonly type: 'here' } | { readonly type: 'bye' }) => void;

/** By bot. A window looks at one meeting at a time. */
const watches = new Map<string, Watch>();
let toHub: ToHub | undefined;

/** Follows a meeting until the answer is called. */
export function watchMeeting(botId: string, listener: Watch['listener']): () => void {
  toHub ??= connected();
  const watch: Watch = { listener, state: EMPTY, connection: 'connecting' };
  watches.set(botId, watch);
  toHub({ type: 'watch', botId });
  return () => {
    if (watches.get(botId) !== watch) return;
    watches.delete(botId);
    toHub?.({ type: 'unwatch', botId });
  };
}

/** Somebody looks again, or the network is back: no time is lost with waiting. */
function wake(): void {
  if (document.visibilityState !== 'visible' || toHub === undefined) return;
  for (const botId of watches.keys()) toHub({ type: 'watch', botId });
  toHub({ type: 'wake' });
}

function receive(message: HubMessage): void {
  const watch = watches.get(message.botId);
  if (watch === undefined) return;
  if (message.type === 'event') watch.state = reduce(watch.state, message.name, message.data);
  else watch.connection = message.connection;
  if (message.type === 'state') watch.state = message.state;
  watch.listener(watch.state, watch.connection);
}

/** A shared worker where the browser has them; otherwise the hub is in the window itself. */
function connected(): ToHub {
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  if (!('SharedWorker' in globalThis)) {
    const hub = new FeedHub(BROWSER_SOURCES);
    const port = { send: receive };
    return (request) => {
      if (request.type === 'here') return;
      if (request.type === 'bye') hub.drop(port);
      else hub.handle(port, request);
    };
  }
  const { port } = new SharedWorker('/console-feeds.js', { type: 'module', name: 'parley-feeds' });
  port.onmessage = ({ data }: MessageEvent<HubMessage>) => receive(data);
  port.start();
  setInterval(() => port.postMessage({ type: 'here' }), HERE_MS);
  addEventListener('pagehide', () => port.postMessage({ type: 'bye' }));
  // A page that comes back from the browser's memory was said to be gone.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) wake();
  });
  return (request) => port.postMessage(request);
}
