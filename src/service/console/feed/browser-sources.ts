/** How the hub reaches the service from a browser. */
import { OVER } from '../api/types.js';
import type { HubOptions } from './feed-hub.js';

/** The same in a window and in a shared worker. */
export const BROWSER_SOURCES: HubOptions = {
  openSource: (botId) => new EventSource(`/v1/bots/${botId}/events`),
  check: async (botId) => {
    try {
      const response = await fetch(`/v1/bots/${botId}`);
      if (response.status === 401) return 'signed-out';
      if (response.status === 404 || response.status === 410) return 'over';
      if (!response.ok) return 'unreachable';
      const { state } = (await response.json()) as { state: string };
      return OVER.has(state) ? 'over' : 'live';
    } catch {
      return 'unreachable';
    }
  },
  setTimer: (callback, ms) => setTimeout(callback, ms),
  clearTimer: (timer) => {
    clearTimeout(timer);
  },
};
