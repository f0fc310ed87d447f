/**
 * Sees the SDK's signalling sockets close. The SDK itself does not always: one that the server ends by socket.io's own
 * goodbye closes without an event and without a new attempt (js-sdk 1.1.1, videosdk.js line 12634 knows three other
 * reasons). This module has to run before the bundle, which takes hold of `WebSocket` when it is evaluated.
 */

/** @type {Set<() => void>} */
const listeners = new Set();
let openCount = 0;

/** @param {string | URL} url the SDK's signalling sockets say that they are (videosdk.js, line 12450) */
function isSignalling(url) {
  return new URL(url).searchParams.get('lib') === 'socket';
}

class WatchedWebSocket extends WebSocket {
  /**
   * @param {string | URL} url
   * @param {string | string[]} [protocols]
   */
  constructor(url, protocols) {
    super(url, protocols);
    if (!isSignalling(url)) return;
    this.addEventListener('open', () => {
      openCount++;
      this.addEventListener('close', () => {
        openCount--;
        for (const listener of listeners) listener();
      });
    });
  }
}

window.WebSocket = WatchedWebSocket;

/** Whether any signalling socket is open. */
export function isSignallingOpen() {
  return openCount > 0;
}

/**
 * Calls `listener` whenever an open signalling socket closes.
 * @param {() => void} listener
 * @returns {() => void} the way back
 */
export function onSignallingClosed(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
