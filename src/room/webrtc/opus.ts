/**
 * The Opus settings of what we publish. The SDK writes its own profile into the answer that it makes for the sending
 * connection, and falls back to its default one after every reconnect and unmute (videosdk.js line 17952); ours replace
 * it there, at one place, for every connection.
 */

/** How Opus is asked to encode; see src/room/videosdk/README.md, for the measurement behind it. */
const OPUS_SETTINGS = {
  /** One 10 ms frame waits for at most one other. The SDK's default, 30, becomes packets of 40 ms. */
  ptime: 20,
  /** Full band: translated speech is 24 kHz, and Opus drops what lies above this rate's half. */
  maxplaybackrate: 48_000,
  stereo: 0,
  useinbandfec: 1,
  /** Between utterances a packet every 400 ms instead of 50 a second. */
  usedtx: 1,
  /**
   * Bits a second. From about 70,000 on libopus encodes by its transform alone, which costs a third of the default's linear
   * prediction on silence, and 40 % on speech; where packets are lost it goes back to that, for the sake of FEC.
   */
  maxaveragebitrate: 80_000,
} as const;

/** `sdp` (a remote description) with `settings` in place of what its Opus payloads ask for. */
export function withOpusSettings(
  sdp: string,
  settings: Readonly<Record<string, number>> = OPUS_SETTINGS,
): string {
  const ours = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  let described = sdp;
  for (const [connection, payload] of sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000.*$/gim)) {
    const fmtp = new RegExp(`^a=fmtp:${payload!} (.*)$`, 'm').exec(described);
    if (fmtp === null) {
      described = described.replace(
        connection,
        () => `${connection}\r\na=fmtp:${payload!} ${ours.join(';')}`,
      );
      continue;
    }
    const kept = fmtp[1]!
      .trim()
      .split(';')
      .filter((entry) => !Object.hasOwn(settings, entry.split('=', 1)[0]!.trim()));
    described = described.replace(
      fmtp[0].trimEnd(),
      () => `a=fmtp:${payload!} ${[...kept, ...ours].join(';')}`,
    );
  }
  return described;
}
