/** What the server was told of its output, of transcription and instructions, and what becomes of it when the server refuses. */
import {
  type ConversationConfig,
  modalitiesOf,
  sessionOf,
  toolsOf,
  type Transcription,
  transcriptionOf,
} from './conversation-config.js';
import type { ToolDefinition } from '../session-tools.js';
import type { RealtimeClientEvent } from '../protocol/client-events.js';
import { BoundedMap } from '../../bounded-map.js';

/** Updates remembered for the errors that they may cause. */
const REMEMBERED_UPDATES = 64;

/** What a session is set to, and each of its connections. */
export type SessionSettings = {
  instructions: string;
  voice: string;
  speed: number;
  spoken: boolean;
  transcription: Transcription | undefined;
  /** Undefined: the session has none. */
  tools: readonly ToolDefinition[] | undefined;
};

/** What of it a connection takes at any time. */
export type SettingsChange = Partial<Omit<SessionSettings, 'voice'>>;

type Update = { what: string; undo?: () => void };

/** The configuration of one connection: sent once as a whole, then whatever differs. */
export class ConnectionSettings implements SessionSettings {
  readonly #config: ConversationConfig;
  readonly #send: (event: RealtimeClientEvent) => string;
  readonly #onVoiceRefused: () => void;
  readonly #updates = new BoundedMap<Update>(REMEMBERED_UPDATES);
  #sent: SessionSettings | undefined;
  voice: string;
  speed: number;
  spoken: boolean;
  instructions: string;
  transcription: Transcription | undefined;
  tools: readonly ToolDefinition[] | undefined;

  constructor(options: {
    config: ConversationConfig;
    instructions: string;
    /** Sends an event and returns the id that it was given. */
    send: (event: RealtimeClientEvent) => string;
    onVoiceRefused: () => void;
  }) {
    this.#config = options.config;
    this.#send = options.send;
    this.#onVoiceRefused = options.onVoiceRefused;
    this.voice = options.config.voice;
    this.speed = options.config.speed;
    this.spoken = options.config.spoken;
    this.instructions = options.instructions;
    this.transcription = options.config.transcription;
    this.tools = options.config.tools;
  }

  /** Sends all of it. */
  sendAll(): void {
    const { voice, speed, spoken, instructions, transcription, tools } = this;
    this.#sent = { voice, speed, spoken, instructions, transcription, tools };
    const config = { ...this.#config, voice, speed, spoken, transcription, tools };
    this.#update({ what: 'configuration' }, sessionOf(config, instructions));
  }

  /** Sends what has changed since the server was last told, but for the speed; nothing before it was told everything. */
  sendChanges(): void {
    const { voice, spoken, instructions, transcription, tools } = this;
    const sent = this.#sent;
    if (sent === undefined) return;
    if (instructions !== sent.instructions) {
      sent.instructions = instructions;
      this.#update({ what: 'instructions' }, { instructions });
    }
    if (!sameTranscription(transcription, sent.transcription)) {
      sent.transcription = transcription;
      this.#update(
        { what: 'transcription' },
        { audio: { input: { transcription: transcriptionOf(transcription) } } },
      );
    }
    if (tools !== undefined && tools !== sent.tools) {
      const before = sent.tools;
      sent.tools = tools;
      const undo = () => {
        if (sent.tools !== tools) return; // changed again meanwhile
        sent.tools = before;
        this.tools = before;
      };
      this.#update({ what: 'tools', undo }, toolsOf(tools));
    }
    if (spoken !== sent.spoken) {
      const before = sent.spoken;
      sent.spoken = spoken;
      const undo = () => {
        if (sent.spoken !== spoken) return; // changed again meanwhile
        sent.spoken = before;
        this.spoken = before;
      };
      this.#update({ what: 'kind of output', undo }, { output_modalities: modalitiesOf(spoken) });
    }
    if (voice === sent.voice) return;
    const before = sent.voice;
    sent.voice = voice;
    const undo = () => {
      if (sent.voice !== voice) return; // changed again meanwhile
      sent.voice = before;
      this.voice = before;
      this.#onVoiceRefused();
    };
    this.#update({ what: 'voice', undo }, { audio: { output: { voice } } });
  }

  /** Sends the speed if it has changed: to be called between two responses, since the API refuses it during one. */
  sendSpeed(): void {
    const { speed } = this;
    const sent = this.#sent;
    if (sent === undefined || speed === sent.speed) return;
    const before = sent.speed;
    sent.speed = speed;
    const undo = () => {
      if (sent.speed !== speed) return; // changed again meanwhile
      sent.speed = before;
      this.speed = before;
    };
    this.#update({ what: 'speed', undo }, { audio: { output: { speed } } });
  }

  /** The update that was sent with this event id. `undo` is to be called when it was refused and that was told. */
  updateOf(eventId: string): Readonly<Update> | undefined {
    return this.#updates.get(eventId);
  }

  #update(update: Update, session: object): void {
    const eventId = this.#send({ type: 'session.update', session: { type: 'realtime', ...session } });
    this.#updates.set(eventId, update);
  }
}

function sameTranscription(a: Transcription | undefined, b: Transcription | undefined): boolean {
  return a?.model === b?.model && a?.language === b?.language;
}
