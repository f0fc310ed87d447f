import type { RoomCapabilities } from '../room.js';

/**
 * Custom events reach everybody who watches the call, and nobody who comes later: what is for some goes out with their ids
 * (`recipientIds`), and nothing is kept.
 */
export const STREAM_CAPABILITIES: RoomCapabilities = { directedData: false, keptData: false };
