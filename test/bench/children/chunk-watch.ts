import { type AudioFrame, StreamingResampler } from '../../../audio/index.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../../src/realtime/conversation/conversation-config.js';
import type { InterpretingSession } from '../../../src/realtime/session.js';
import { type OpenTransport, tapTransport } from '../../../src/realtime/transport.js';
import { monotonicMs } from '../child-process.js';

const SAMPLES_PER_MS = 24;
const LEAD_SAMPLES = DEFAULT_CONVERSATION_CONFIG.vad.prefixPaddingMs * SAMPLES_PER_MS;
/** Frames remembered per speaker: 10 s. */
const REMEMBERED = 1_000;

/**
 * One speaker's frames. Their own times jitter as they arrive; the sound in them does not, so that places in it are counted
 * in milliseconds of what came so far.
 */
type Heard = { cameMs: number; frames: { untilMs: number; calledAtMs: number }[] };

/**
 * One session of a speaker: where in their sound it begins, and how much of it was appended and sent. Nothing is appended
 * before it came and is through the filter, so that the earliest beginning that this allows is the true one.
 */
type Sent = { heard: Heard; fromMs: number; appendedMs: number; samples: number };

/**
 * How long the bot keeps a piece of sound: from the sink's callback that brought the last sample of an uplink message to the
 * `send` of that message. A message is told by its place in the stream: what is appended to a session goes out in order and
 * in messages of one length, behind the silence that a session begins with.
 */
export class ChunkWatch {
  readonly #heard = new Map<string, Heard>();
  readonly #sentTo = new Map<string, Sent>();
  #filterDelayMs = 0;
  #watching = false;
  #delaysMs: number[] = [];
  #unmatched = 0;

  /** Starts anew. */
  start(): void {
    const filter = new StreamingResampler(48_000, 24_000);
    this.#filterDelayMs = filter.delayMs;
    filter.close();
    this.#watching = true;
    this.#delaysMs = [];
    this.#unmatched = 0;
  }

  /** What was seen since then. */
  take(): { delaysMs: number[]; unmatched: number } {
    return { delaysMs: this.#delaysMs, unmatched: this.#unmatched };
  }

  /** A frame as the room calls it back, before anything is done with it. */
  frame(speakerId: string, { samples, sampleRateHz, channelCount }: AudioFrame): void {
    const heard = this.#heardOf(speakerId);
    const durationMs = (samples.length / channelCount / sampleRateHz) * 1000;
    heard.cameMs += durationMs;
    heard.frames.push({ untilMs: heard.cameMs, calledAtMs: monotonicMs() });
    if (heard.frames.length > REMEMBERED) heard.frames.shift();
  }

  /** The session that this speaker's audio is appended to. */
  session(speakerId: string, session: InterpretingSession): InterpretingSession {
    const heard = this.#heardOf(speakerId);
    const sent: Sent = { heard, fromMs: Infinity, appendedMs: 0, samples: -LEAD_SAMPLES };
    this.#sentTo.set(speakerId, sent);
    const append = session.appendAudio.bind(session);
    session.appendAudio = (chunk) => {
      sent.appendedMs += chunk.durationMs;
      sent.fromMs = Math.min(sent.fromMs, heard.cameMs - sent.appendedMs - this.#filterDelayMs);
      append(chunk);
    };
    return session;
  }

  /** The way to the server of this speaker's session. */
  transport(speakerId: string, open: OpenTransport): OpenTransport {
    return tapTransport(open, (direction, text) => {
      if (direction !== 'client' || !text.startsWith('{"type":"input_audio_buffer.append"')) return;
      const sentAtMs = monotonicMs();
      const { audio } = JSON.parse(text) as { audio: string };
      this.#onSent(this.#sentTo.get(speakerId)!, Buffer.byteLength(audio, 'base64') / 2, sentAtMs);
    });
  }

  #onSent(sent: Sent, samples: number, sentAtMs: number): void {
    sent.samples += samples;
    if (!this.#watching || sent.samples <= 0) return;
    const untilMs = sent.fromMs + sent.samples / SAMPLES_PER_MS;
    const frame = sent.heard.frames.find((each) => each.untilMs >= untilMs - 0.01);
    if (frame === undefined) this.#unmatched++;
    else this.#delaysMs.push(sentAtMs - frame.calledAtMs);
  }

  #heardOf(speakerId: string): Heard {
    const heard = this.#heard.get(speakerId) ?? { cameMs: 0, frames: [] };
    this.#heard.set(speakerId, heard);
    return heard;
  }
}
