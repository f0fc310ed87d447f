import type { RoomCapabilities } from '../room.js';

/** VideoSDK's pubSub sends to some participants only, and keeps what it is asked to keep. */
export const VIDEOSDK_CAPABILITIES: RoomCapabilities = { directedData: true, keptData: true };
