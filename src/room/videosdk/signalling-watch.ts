import type { SocketWatch } from '../sdk/web-sockets.js';
import { withoutInheritedIds } from './signalling-filter.js';

/**
 * Watches the sockets of signalling (socket.io), and no others (pubSub). The SDK is not told of participants whose ids every
 * object has: see {@link withoutInheritedIds}; `onLeftOut` is called for each message about one.
 */
export function watchSignalling(events: {
  onOpen(): void;
  onClose(): void;
  onLeftOut(participantId: string): void;
}): (url: URL) => SocketWatch | undefined {
  const watch: SocketWatch = {
    onOpen: () => events.onOpen(),
    onClose: () => events.onClose(),
    filter: (message) => {
      const { text, leftOut } = withoutInheritedIds(message);
      for (const id of leftOut) events.onLeftOut(id);
      return text;
    },
  };
  return ({ pathname }) => (pathname.endsWith('/socket.io/') ? watch : undefined);
}
