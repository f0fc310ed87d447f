/** The feeds' shared worker: one for all windows of the console. A window that closes says so; one that crashed is asked. */
import { BROWSER_SOURCES } from './browser-sources.js';
import { FeedHub, type HubPort, type HubRequest } from './feed-hub.js';

/** A window that says nothing for so long is gone. Windows in the background are slowed down to one timer a minute. */
const GONE_MS = 150_000;

type SharedScope = { onconnect: ((event: MessageEvent) => void) | null };

const hub = new FeedHub(BROWSER_SOURCES);
const seenMs = new Map<HubPort, number>();

(globalThis as unknown as SharedScope).onconnect = ({ ports }) => {
  const [port] = ports;
  if (port === undefined) return;
  const window: HubPort = { send: (message) => port.postMessage(message) };
  seenMs.set(window, Date.now());
  port.onmessage = ({ data }: MessageEvent<HubRequest | { type: 'here' } | { type: 'bye' }>) => {
    seenMs.set(window, Date.now());
    if (data.type === 'bye') {
      seenMs.delete(window);
      hub.drop(window);
    } else if (data.type !== 'here') {
      hub.handle(window, data);
    }
  };
};

setInterval(() => {
  for (const [window, atMs] of seenMs) {
    if (Date.now() - atMs < GONE_MS) continue;
    seenMs.delete(window);
    hub.drop(window);
  }
}, GONE_MS / 2);
