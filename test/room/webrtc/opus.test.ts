import { describe, expect, it } from 'vitest';
import { withOpusSettings } from '../../../src/room/webrtc/opus.js';

const ANSWER = [
  'v=0',
  'm=audio 7 UDP/TLS/RTP/SAVPF 111 0',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1;stereo=0;usedtx=1;maxplaybackrate=32000;ptime=30',
  'a=rtpmap:0 PCMU/8000',
  'a=fmtp:0 ptime=30',
  '',
].join('\r\n');

const fmtpOf = (sdp: string, payload: number): Record<string, string> =>
  Object.fromEntries(
    new RegExp(`^a=fmtp:${payload} (.*)$`, 'm')
      .exec(sdp)![1]!
      .trim()
      .split(';')
      .map((entry) => entry.split('=') as [string, string]),
  );

describe('withOpusSettings', () => {
  it("replaces the SDK's settings of Opus, keeps the others, and touches no other codec", () => {
    const sdp = withOpusSettings(ANSWER, { ptime: 20, maxplaybackrate: 48_000, usedtx: 0 });
    expect(fmtpOf(sdp, 111)).toEqual({
      minptime: '10',
      useinbandfec: '1',
      stereo: '0',
      usedtx: '0',
      maxplaybackrate: '48000',
      ptime: '20',
    });
    expect(fmtpOf(sdp, 0)).toEqual({ ptime: '30' });
    expect(sdp.split('\r\n')).toHaveLength(ANSWER.split('\r\n').length);
  });

  it('adds the line where Opus has none', () => {
    const sdp = withOpusSettings('a=rtpmap:96 opus/48000/2\r\na=mid:0\r\n', { ptime: 20 });
    expect(sdp).toBe('a=rtpmap:96 opus/48000/2\r\na=fmtp:96 ptime=20\r\na=mid:0\r\n');
  });

  it('leaves a description without Opus as it is, and does not take $ for a pattern', () => {
    expect(withOpusSettings('a=rtpmap:101 VP8/90000\r\n')).toBe('a=rtpmap:101 VP8/90000\r\n');
    const sdp = withOpusSettings("a=rtpmap:9 opus/48000/2\r\na=fmtp:9 x=$&$'\r\n", { ptime: 20 });
    expect(sdp).toBe("a=rtpmap:9 opus/48000/2\r\na=fmtp:9 x=$&$';ptime=20\r\n");
  });
});
