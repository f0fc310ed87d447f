import type { AudioFrame } from '../../../audio/index.js';
import type { Clock } from '../../clock.js';
import { EventEmitter, type EventSource, type OnListenerError } from '../../events.js';
import { ROOM_SPEAKER_ID } from '../../interpreter/plan/two-way.js';
import { EchoGuard } from './echo-guard.js';
import { Interjections, type SpeechSpan } from './interjections.js';
import { type NewStage, stagesInRow } from './microphone-stage.js';
import { KeptSpeech, type SpeechTime } from './kept-speech.js';
import { QuietMicrophones } from './quiet-microphones.js';
import { SharedRooms } from './shared-rooms.js';
import { SpeakerInputs } from './speaker-inputs.js';
import type { Topology } from '../meeting-options.js';
import { MixedRoomInput } from './mixed-room-input.js';
import type { Metric } from '../../metrics.js';
import type { RouteSet } from '../routes/route-set.js';
import type { OutputChannels } from '../speaking/output-channels.js';

/** What the audio input of a meeting is made of. */
type MeetingAudioInputOptions = {
  clock: Clock;
  topology: Topology | undefined;
  /** What they say is not heard; they are told who speaks. */
  voices: OutputChannels;
  /** What two microphones hear of one person is interpreted once. */
  mergesMicrophones: boolean;
  /** Speech of very quiet microphones is raised. */
  raisesQuiet: boolean;
  /** Whose speech is kept for a moment: see {@link MeetingAudioInput.soundOf}; absent: nobody's. */
  keepsSpeechOf?: ((participantId: string) => boolean) | undefined;
  onListenerError?: OnListenerError | undefined;
};

/** What happens to a meeting's audio. */
type MeetingAudioInputEvents = {
  /** Somebody began or ceased to speak, by our own speech detector. */
  speaking: [participantId: string, speaking: boolean];
  /** Two microphones hear the same people; the second one was further away from who spoke. */
  oneRoom: [nearId: string, copyId: string];
  /** What somebody has said lately turns out to be another person's voice. */
  copied: [participantId: string];
  /** Told once for somebody whose microphone is very quiet. */
  quiet: [participantId: string];
  /** Told once for somebody whose frames cannot be used. */
  unusable: [participantId: string, why: string];
};

/** Routes that take a speaker's audio: opened when their speaker speaks. */
type AudioRoutes = Pick<RouteSet, 'of' | 'open'>;

const NO_ROUTES: AudioRoutes = { of: () => [], open: () => undefined };

/**
 * What a meeting hears, and which routes hear it: each person's microphone, without the interpreter's own voice, goes to the
 * routes of that person, and to those of the room where one session hears everybody.
 * Needs `loadResampler()` and `loadSpeechDetector()` to have resolved before the first frame.
 */
export class MeetingAudioInput {
  readonly #options: MeetingAudioInputOptions;
  readonly #events: EventEmitter<MeetingAudioInputEvents>;
  #routes: AudioRoutes = NO_ROUTES;
  /** Who said what short thing while others had the word. */
  readonly interjections = new Interjections();
  /** Who speaks. */
  readonly #speaking = new Set<string>();
  readonly #echo: EchoGuard;
  /** Undefined where nobody is taken for another's copy. */
  readonly #rooms: SharedRooms | undefined;
  /** Undefined where everybody is heard as loud as they are. */
  readonly #quiet: QuietMicrophones | undefined;
  /** Undefined where nobody's speech is kept. */
  readonly #kept: KeptSpeech | undefined;
  readonly #inputs: SpeakerInputs;
  /** Where one session hears everybody. */
  readonly #roomInput: MixedRoomInput | undefined;

  constructor(options: MeetingAudioInputOptions) {
    this.#options = options;
    this.#events = new EventEmitter(options.onListenerError);
    const { voices } = options;
    this.#echo = new EchoGuard((id) => voices.heardBy(id));
    voices.onFrame((voice, frame, atMs) => {
      this.#echo.published(voice, frame, atMs);
    });
    if (options.mergesMicrophones) {
      this.#rooms = new SharedRooms({
        found: (nearId, copyId) => {
          this.#events.emit('oneRoom', nearId, copyId);
        },
        copied: (id) => {
          this.#events.emit('copied', id);
        },
      });
    }
    if (options.raisesQuiet) {
      this.#quiet = new QuietMicrophones((id) => {
        this.#events.emit('quiet', id);
      });
    }
    if (options.keepsSpeechOf !== undefined) this.#kept = new KeptSpeech(options.keepsSpeechOf);
    this.#inputs = this.#newInputs();
    this.#roomInput = this.#newRoomInput();
  }

  get events(): EventSource<MeetingAudioInputEvents> {
    return this.#events;
  }

  /** From now on these routes take what is heard. */
  feed(routes: AudioRoutes): void {
    this.#routes = routes;
  }

  /** One frame of somebody's microphone. */
  push(participantId: string, frame: AudioFrame, atMs: number): void {
    this.#inputs.push(participantId, frame, atMs);
  }

  /** Muted, gone, or the connection is down: what was said last is translated all the same. */
  stopped(participantId: string): void {
    this.#inputs.stop(participantId);
    for (const route of this.#routes.of(participantId)) route.endOfSpeech();
    this.#roomInput?.stopped(participantId);
  }

  /** Somebody is gone. */
  forget(participantId: string): void {
    this.stopped(participantId);
    this.#roomInput?.forget(participantId);
    this.#kept?.forget(participantId);
    this.interjections.forget(participantId);
    this.#inputs.forget(participantId);
  }

  /** Nobody is heard any more. */
  forgetAll(): void {
    for (const id of this.#inputs.participantIds) this.forget(id);
  }

  /** Again and again: frames that stopped without a word, and the loudest levels since the last time. */
  tick(onLevel: (participantId: string, levelDbfs: number) => void): void {
    this.#inputs.tick(onLevel);
    this.#kept?.tick(this.#options.clock.nowMs());
  }

  /** Since when a speaker has been silent; undefined while they speak, `neverMs` for a person who was never heard. */
  quietSinceMs(speakerId: string, neverMs: number): number | undefined {
    if (speakerId === ROOM_SPEAKER_ID) return this.#roomInput?.quietSinceMs;
    return this.#inputs.quietSinceMs(speakerId, neverMs);
  }

  /** Whose speech has just begun, where one session hears everybody; undefined where that does not tell. */
  whoSpeaks(): string | undefined {
    return this.#roomInput?.whoSpeaks();
  }

  /** Which share of somebody's speech was another person's voice, heard better by another microphone: 0 to 1. */
  copiedShareOf(participantId: string, span: SpeechSpan): number {
    return this.#rooms?.copied.shareOf(participantId, span) ?? 0;
  }

  /** How it sounded what somebody said then; undefined where it is not kept. */
  soundOf(participantId: string, time: SpeechTime): Int16Array | undefined {
    return this.#kept?.of(participantId, time);
  }

  /** Numbers of what is heard. */
  metrics(): readonly Metric[] {
    return [
      {
        name: 'raised_microphones',
        help: 'Microphones so quiet that their speech is raised at present.',
        kind: 'gauge',
        value: this.#quiet?.raised ?? 0,
      },
      {
        name: 'shared_room_pairs',
        help: 'Pairs of microphones that hear the same people at present.',
        kind: 'gauge',
        value: this.#rooms?.sharedPairs ?? 0,
      },
      {
        name: 'copied_speech_ms',
        help: 'Speech that was silenced in a microphone because another one heard it better.',
        kind: 'counter',
        value: this.#rooms?.copied.copiedMs ?? 0,
      },
      {
        name: 'mixed_late_ms',
        help: 'Audio that came too late to be mixed into what one session for the whole room hears.',
        kind: 'counter',
        value: this.#roomInput?.lateMs ?? 0,
      },
    ];
  }

  /** Frees what the voices are compared with; nothing may be published afterwards. */
  close(): void {
    this.#echo.close();
  }

  #newInputs(): SpeakerInputs {
    const { clock, voices } = this.#options;
    return new SpeakerInputs({
      clock,
      guard: stagesInRow(this.#stages()),
      handlers: {
        speaking: (id, isSpeaking, span) => {
          this.#note(id, isSpeaking, span);
          this.#roomInput?.speaking(id, isSpeaking);
          this.#events.emit('speaking', id, isSpeaking);
        },
        heard: (id, speechMs) => {
          voices.heard(id, speechMs);
        },
        chunk: (id, speaker, chunk) => {
          for (const route of this.#routes.of(id)) {
            if (speaker.speaking && !route.isOpen) {
              this.#routes.open(route, (take) => {
                speaker.preRoll(take);
              });
            }
            route.push(chunk);
          }
          this.#roomInput?.push(id, chunk);
          this.#kept?.push(id, chunk, speaker.speaking, (take) => {
            speaker.preRoll(take);
          });
        },
        stopped: (id) => {
          voices.heard(id, 0);
        },
        unusable: (id, why) => {
          this.#events.emit('unusable', id, why);
        },
      },
    });
  }

  /** What a microphone's sound goes through before it is judged for speech, in order. */
  #stages(): NewStage[] {
    const stages: NewStage[] = [(id, onCleaned) => this.#echo.microphone(id, onCleaned)];
    const rooms = this.#rooms;
    if (rooms !== undefined) stages.push((id, onCleaned) => rooms.microphone(id, onCleaned));
    const quiet = this.#quiet;
    if (quiet !== undefined) stages.push((id, onCleaned) => quiet.microphone(id, onCleaned));
    return stages;
  }

  #note(participantId: string, speaking: boolean, span: SpeechSpan): void {
    if (!speaking) {
      this.#speaking.delete(participantId);
      this.interjections.ended(participantId, span);
      return;
    }
    const spokenOver = this.#options.voices
      .heardBy(participantId)
      .some(({ spokenFor }) => spokenFor !== undefined && spokenFor !== participantId);
    this.interjections.began(participantId, span, spokenOver || this.#speaking.size > 0);
    this.#speaking.add(participantId);
  }

  #newRoomInput(): MixedRoomInput | undefined {
    const { clock, topology } = this.#options;
    if (topology !== 'shared') return undefined;
    return new MixedRoomInput({
      clock,
      routes: () => this.#routes.of(ROOM_SPEAKER_ID),
      open: (route, preRoll) => {
        this.#routes.open(route, preRoll);
      },
    });
  }
}
