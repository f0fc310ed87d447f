/** Parley's signal code: pure, no I/O, no timers. Samples are int16, mono unless a name says interleaved. */
export { AudioError, type AudioErrorCode } from './errors.js';
export {
  clampToInt16,
  countSampleFrames,
  downmixToMono,
  float32ToInt16,
  int16ToFloat32,
  MAX_CHANNELS,
  meanPower,
  measureLevel,
  powerDbfs,
  type Level,
} from './pcm.js';
export { checkSampleRate, loadResampler, StreamingResampler, SUPPORTED_RATES_HZ } from './resampler.js';
export { Framer, type OnFrame } from './framer.js';
export { Ducker } from './ducker.js';
export { PlayoutQueue, type PlayedItem, type PlayoutStats, type PulledFrame } from './playout-queue.js';
export { InputAdapter, type AudioFrame } from './input-adapter.js';
export { EchoCanceller } from './echo/echo-canceller.js';
export type { EchoPath } from './echo/echo-gate.js';
export { EchoReference } from './echo/echo-reference.js';
export type { OnCancelled } from './echo/held-sound.js';
export { AutomaticGain } from './automatic-gain.js';
export { CopyGate, OWN_BEGAN_FRAMES } from './crosstalk/copy-gate.js';
export { type Heard, MicrophonePair } from './crosstalk/microphone-pair.js';
export { MicrophoneTrace } from './crosstalk/microphone-trace.js';
export { mix } from './mixer.js';
export { ChannelMixer, type ChannelFindings } from './channel-mixer.js';
export { REALTIME_RATE_HZ, REALTIME_SAMPLES_PER_MS, ROOM_RATE_HZ, ROOM_SAMPLES_PER_MS } from './rates.js';
export { TimedMixer, type TimedMixerOptions } from './timed-mixer.js';
export {
  loadSpeechDetector,
  SpeechDetector,
  type SpeechChange,
  type SpeechDetectorOptions,
} from './speech-detector.js';
export { readWav, WavError, writeWav, type WavAudio, type WavProblem, type WavSource } from './wav.js';
