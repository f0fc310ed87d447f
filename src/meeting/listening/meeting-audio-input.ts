import type { AudioFrame } from '../../../audio/index.js';
import type { Clock } from '../../clock.js';
import { ROOM_SPEAKER_ID } from '../../interpreter/plan/two-way.js';
import { EchoGuard } from './echo-guard.js';
import { SpeakerInputs, type SpeakerInputsHandlers } from './speaker-inputs.js';
import type { Topology } from '../meeting-options.js';
import { MixedRoomInput } from './mixed-room-input.js';
import type { RouteSet } from '../routes/route-set.js';
import type { OutputChannels } from '../speaking/output-channels.js';

/** What a meeting's ears are made of. */
export type MeetingAudioInputOptions = {
  clock: Clock;
  topology: Topology | undefined;
  /** What they say is not heard; they are told who speaks. */
  voices: OutputChannels;
  /** Those that there are at present, opened when their speaker speaks. */
  routes: () => Pick<RouteSet, 'of' | 'open'>;
} & Pick<SpeakerInputsHandlers, 'speaking' | 'unusable'>;

/**
 * What a meeting hears, and which routes hear it: each person's microphone, without the interpreter's own voice, goes to the
 * routes of that person, and to those of the room where one session hears everybody.
 * Needs `loadResampler()` and `loadSpeechDetector()` to have resolved before the first frame.
 */
export class MeetingAudioInput {
  readonly #options: MeetingAudioInputOptions;
  readonly #echo: EchoGuard;
  readonly #hearing: SpeakerInputs;
  /** Where one session hears everybody. */
  readonly #roomEar: MixedRoomInput | undefined;

  constructor(options: MeetingAudioInputOptions) {
    this.#options = options;
    const { voices } = options;
    this.#echo = new EchoGuard((id) => voices.heardBy(id));
    voices.onPulled = (voice, frame, atMs) => {
      this.#echo.published(voice, frame, atMs);
    };
    this.#hearing = this.#newHearing();
    this.#roomEar = this.#newRoomEar();
  }

  /** One frame of somebody's microphone. */
  push(participantId: string, frame: AudioFrame, atMs: number): void {
    this.#hearing.push(participantId, frame, atMs);
  }

  /** Muted, gone, or the connection is down: what was said last is translated all the same. */
  stopped(participantId: string): void {
    this.#hearing.stop(participantId);
    for (const route of this.#options.routes().of(participantId)) route.endOfSpeech();
    this.#roomEar?.stopped(participantId);
  }

  /** Somebody is gone. */
  forget(participantId: string): void {
    this.stopped(participantId);
    this.#roomEar?.forget(participantId);
    this.#hearing.forget(participantId);
  }

  /** Nobody is heard any more. */
  forgetAll(): void {
    for (const id of this.#hearing.participantIds) this.forget(id);
  }

  /** Again and again: frames that stopped without a word, and the loudest levels since the last time. */
  tick(onLevel: (participantId: string, levelDbfs: number) => void): void {
    this.#hearing.tick(onLevel);
  }

  /** Since when a speaker has been silent; undefined while they speak, `neverMs` for a person who was never heard. */
  quietSinceMs(speakerId: string, neverMs: number): number | undefined {
    if (speakerId === ROOM_SPEAKER_ID) return this.#roomEar?.quietSinceMs;
    return this.#hearing.quietSinceMs(speakerId, neverMs);
  }

  /** Whose speech has just begun, where one session hears everybody; undefined where that does not tell. */
  whoSpeaks(): string | undefined {
    return this.#roomEar?.whoSpeaks();
  }

  /** Frees what the voices are compared with; nothing may be published afterwards. */
  close(): void {
    this.#echo.close();
  }

  #newHearing(): SpeakerInputs {
    const { clock, voices, routes, speaking, unusable } = this.#options;
    return new SpeakerInputs({
      clock,
      guard: (id, onCleaned) => this.#echo.microphone(id, onCleaned),
      handlers: {
        speaking: (id, isSpeaking) => {
          this.#roomEar?.speaking(id, isSpeaking);
          speaking(id, isSpeaking);
        },
        audio: (id, speaker, frame, atMs) => {
          voices.heard(id, speaker.speechMs);
          for (const route of routes().of(id)) {
            if (speaker.speaking && !route.isOpen) routes().open(route, () => speaker.preRoll());
            route.push(frame, atMs, speaker.pauseMs);
          }
          this.#roomEar?.push(id, frame, atMs);
        },
        stopped: (id) => {
          voices.heard(id, 0);
        },
        unusable,
      },
    });
  }

  #newRoomEar(): MixedRoomInput | undefined {
    const { clock, topology, routes } = this.#options;
    if (topology !== 'shared') return undefined;
    return new MixedRoomInput({
      clock,
      routes: () => routes().of(ROOM_SPEAKER_ID),
      open: (route, preRoll) => {
        routes().open(route, preRoll);
      },
    });
  }
}
