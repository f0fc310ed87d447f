/**
 * RTP parameters as mediasoup-client exchanges them (js-sdk 1.1.1 has it inside). What the router offers is kept small on
 * purpose: no transport-wide congestion control, no retransmission stream, so that whole packets pass through unchanged.
 */
import { z } from 'zod';

export type MediaKind = 'audio' | 'video';

type RtcpFeedback = { type: string; parameter: string };

/** A key frame can be asked for; nothing else is promised. */
const VIDEO_FEEDBACK: readonly RtcpFeedback[] = [
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
];

/** RFC 6464: the level of each audio packet, in the clear, which tells who speaks without decoding anything. */
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';

/** Payload types of what participants receive; they send with their own. */
export const ROUTER_PAYLOAD_TYPES: Readonly<Record<MediaKind, number>> = { audio: 100, video: 101 };

const extension = (kind: MediaKind, uri: string, preferredId: number) => ({
  kind,
  uri,
  preferredId,
  preferredEncrypt: false,
  direction: 'sendrecv',
});

/** The answer to `getRouterRtpCapabilities`. */
export const ROUTER_RTP_CAPABILITIES = {
  codecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      clockRate: 48_000,
      channels: 2,
      preferredPayloadType: ROUTER_PAYLOAD_TYPES.audio,
      parameters: {},
      rtcpFeedback: [],
    },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      clockRate: 90_000,
      preferredPayloadType: ROUTER_PAYLOAD_TYPES.video,
      parameters: {},
      rtcpFeedback: VIDEO_FEEDBACK,
    },
  ],
  headerExtensions: [
    extension('audio', MID_URI, 1),
    extension('video', MID_URI, 1),
    extension('audio', AUDIO_LEVEL_URI, 10),
  ],
} as const;

const ssrc = z.int().min(0).max(0xffff_ffff);

/** What a client says of a track that it produces; fields that nobody here reads are let go. */
export const producerRtpParametersSchema = z.object({
  codecs: z
    .array(
      z.object({
        mimeType: z.string().max(64),
        payloadType: z.int().min(0).max(127),
        clockRate: z.int().positive(),
        parameters: z.record(z.string().max(64), z.union([z.string().max(256), z.number()])).default({}),
      }),
    )
    .min(1)
    .max(16),
  headerExtensions: z
    .array(z.object({ uri: z.string().max(256), id: z.int().min(1).max(255) }))
    .max(32)
    .default([]),
  encodings: z
    .array(z.object({ ssrc: ssrc.optional() }))
    .max(8)
    .default([]),
  rtcp: z.object({ cname: z.string().max(256).optional() }).optional(),
});

export type ProducerRtpParameters = z.infer<typeof producerRtpParametersSchema>;

/** What a receiver is told of a track: the router's payload type, an SSRC of the server, no header extensions. */
export function consumerRtpParameters(
  kind: MediaKind,
  from: ProducerRtpParameters,
  as: { mid: string; ssrc: number; cname: string },
) {
  return {
    mid: as.mid,
    codecs: [
      kind === 'audio'
        ? {
            mimeType: 'audio/opus',
            payloadType: ROUTER_PAYLOAD_TYPES.audio,
            clockRate: 48_000,
            channels: 2,
            parameters: from.codecs[0]?.parameters ?? {},
            rtcpFeedback: [],
          }
        : {
            mimeType: 'video/VP8',
            payloadType: ROUTER_PAYLOAD_TYPES.video,
            clockRate: 90_000,
            parameters: {},
            rtcpFeedback: VIDEO_FEEDBACK,
          },
    ],
    headerExtensions: [],
    encodings: [{ ssrc: as.ssrc }],
    rtcp: { cname: from.rtcp?.cname ?? as.cname, reducedSize: true, mux: true },
  };
}
