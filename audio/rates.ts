/** Sample rate of all sound of a room, both ways, in Hz: what WebRTC hands over and takes without resampling. */
export const ROOM_RATE_HZ = 48_000;
/** Mono samples of a room's sound per millisecond. */
export const ROOM_SAMPLES_PER_MS = 48;

/** Sample rate of Realtime sessions, both ways, in Hz: the API takes 24 kHz PCM16 only (`openai`, RealtimeAudioFormats: "Always `24000`"). */
export const REALTIME_RATE_HZ = 24_000;
/** Mono samples of a Realtime session's sound per millisecond. */
export const REALTIME_SAMPLES_PER_MS = 24;
