import { ROOM_SAMPLES_PER_MS } from '../../../audio/rates.js';
import { type LanguageTag, sameLanguage } from '../../languages/languages.js';
import { channelLanguage, playsOneChannel } from '../../meeting/speaking/channel-rooms.js';
import { LANGUAGE_TOPIC } from '../../meeting/people/language-requests.js';
import type { FakeMeeting, FakePerson } from '../../room/testing/fake-meeting.js';
import { isBotId } from '../../room/room.js';
import { Loudspeaker } from './loudspeaker.js';
import {
  keyOfRecording,
  type SaidRecording,
  type Scenario,
  type ScenarioPerson,
  type ScenarioStep,
} from './scenario.js';
import type { StoredSound } from './sound-store.js';

type Listening = Pick<Parameters<FakeMeeting['enter']>[0], 'onAudio' | 'pickUp'>;
type Cue = { person: ScenarioPerson; step: ScenarioStep };

/** The people of a scenario, who do what their scripts say when it is time. */
export class ScriptedParticipants {
  readonly #hall: FakeMeeting;
  readonly #sounds: ReadonlyMap<string, StoredSound>;
  /** In the order of time, of equals in the order of people. */
  readonly #cues: readonly Cue[];
  readonly #present = new Map<string, FakePerson>();
  readonly #voiceLanguages = new Map<string, LanguageTag | undefined>();
  #next = 0;

  /** `sounds`: every recording by its key in the scenario, 48 kHz mono. */
  constructor(options: { hall: FakeMeeting; scenario: Scenario; sounds: ReadonlyMap<string, StoredSound> }) {
    const { hall, scenario, sounds } = options;
    this.#hall = hall;
    this.#sounds = sounds;
    this.#cues = scenario.people
      .flatMap((person) => person.script.map((step) => ({ person, step })))
      .sort((a, b) => a.step.atMs - b.step.atMs);
  }

  /** Everything was done, and said to its last sample. */
  get over(): boolean {
    return (
      this.#next >= this.#cues.length && [...this.#present.values()].every(({ pendingMs }) => pendingMs === 0)
    );
  }

  /** Does what is due at `atMs`. */
  act(atMs: number): void {
    for (
      let cue = this.#cues[this.#next];
      cue !== undefined && cue.step.atMs <= atMs;
      cue = this.#cues[this.#next]
    ) {
      this.#next++;
      this.#do(cue);
    }
  }

  #do({ person, step }: Cue): void {
    const { id } = person;
    if (step.do === 'join') {
      const { name } = person;
      const metadata = metadataOf(person, step);
      const micOn = step.microphone === 'on';
      const listening = this.#listening(person, metadata);
      this.#present.set(id, this.#hall.enter({ id, name, metadata, micOn, ...listening }));
      return;
    }
    const present = this.#present.get(id);
    if (present === undefined) return; // removed from the meeting
    switch (step.do) {
      case 'leave':
        present.leave();
        this.#present.delete(id);
        break;
      case 'mute':
        present.mute();
        break;
      case 'unmute':
        present.unmute();
        break;
      case 'say':
        for (const part of [step.recording].flat()) present.say(this.#soundOf(part, step.channel));
        break;
      case 'share':
        present.share(this.#soundOf(step.recording, undefined));
        break;
      case 'language': {
        const { preferredLanguage, spokenLanguages } = step;
        present.send(LANGUAGE_TOPIC, '', { payload: withoutAbsent({ preferredLanguage, spokenLanguages }) });
        break;
      }
      case 'send': {
        const { topic, text, times, payload, sendOnly } = step;
        for (let count = 0; count < times; count++) {
          present.send(topic, text, withoutAbsent({ payload, sendOnly }));
        }
      }
    }
  }

  /** What a loudspeaker, if they have one, brings into the meeting. */
  #listening({ loudspeaker }: ScenarioPerson, metadata: Record<string, unknown>): Listening {
    if (loudspeaker === undefined) return {};
    const { preferredLanguage: preferred } = metadata;
    const speaker = new Loudspeaker({
      ...loudspeaker,
      plays: (id) => {
        if (!isBotId(id)) return false; // other people's echo is their apps' to take out
        if (!playsOneChannel(metadata) || typeof preferred !== 'string') return true;
        const language = this.#languageOf(id);
        return language === undefined || sameLanguage(language, preferred);
      },
    });
    return {
      onAudio: (id, frame) => speaker.hear(id, frame),
      pickUp: (frame) => speaker.pickUp(frame),
    };
  }

  /** The language of a voice of its own. */
  #languageOf(botId: string): LanguageTag | undefined {
    if (!this.#voiceLanguages.has(botId)) {
      const voice = this.#hall.participants.get(botId);
      this.#voiceLanguages.set(botId, voice === undefined ? undefined : channelLanguage(voice.metadata));
    }
    return this.#voiceLanguages.get(botId);
  }

  #soundOf(part: string | number, channel: SaidRecording['channel']): Int16Array | StoredSound {
    return typeof part === 'number'
      ? new Int16Array(Math.round(part * ROOM_SAMPLES_PER_MS))
      : this.#sounds.get(keyOfRecording({ path: part, channel }))!;
  }
}

/** What somebody says of themselves when they come in; what a later joining leaves out is as it was in the beginning. */
function metadataOf(
  person: ScenarioPerson,
  step: Extract<ScenarioStep, { do: 'join' }>,
): Record<string, unknown> {
  const { preferredLanguage, spokenLanguages, metadata } = person;
  return {
    ...metadata,
    ...withoutAbsent({ preferredLanguage, spokenLanguages }),
    ...step.metadata,
    ...withoutAbsent({ preferredLanguage: step.preferredLanguage, spokenLanguages: step.spokenLanguages }),
  };
}

type Present<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

function withoutAbsent<Value extends object>(value: Value): Partial<Present<Value>> {
  const present = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(present) as Partial<Present<Value>>;
}
