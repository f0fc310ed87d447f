/** The shapes of `@parley-interpreter/parley/client`. Everything that participants say of themselves is untrusted text. */

/** What a listener hears of somebody: their own words, a translation in the chosen channel, or nothing. */
export type Role = 'original' | 'translation' | 'unheard';

/** One segment of speech, as far as it is known. A later caption with the same `key` replaces it. All texts are untrusted. */
export type Caption = {
  /** Unique in the meeting: the interpreter's id and its segment. */
  readonly key: string;
  /** `speech`: somebody's words. `notice`: the interpreter's own. */
  readonly kind: 'speech' | 'notice';
  /** What to show to this reader: the text in their language where there is one, else the other text. */
  readonly text: string;
  /** BCP 47 tag of `text`; empty where it is not known. */
  readonly language: string;
  /** The segments of one turn of speech have this in common. */
  readonly turnId: string;
  /** Place of the segment in its turn, from 0. */
  readonly part: number;
  readonly speakerId: string;
  readonly speakerName: string;
  readonly sourceText: string;
  /** BCP 47 tag; empty where it is not known. */
  readonly sourceLanguage: string;
  readonly translatedText: string;
  readonly targetLanguage: string;
  /** Nothing is expected to change any more; a correction that comes all the same is final again. */
  readonly final: boolean;
  /** What to know of the translation: playback was cut, it is not spoken, it is not whole, it is probably wrong. */
  readonly mark: 'cut' | 'captions_only' | 'failed' | 'doubtful' | undefined;
  /** Of what is marked `cut`: somebody else spoke, or the interpreter left. */
  readonly cutReason: 'barge_in' | 'gone' | undefined;
  /** Of a notice: what has become of interpreting. */
  readonly interruption: 'reconnecting' | 'resumed' | 'stopped' | 'written' | 'ended' | undefined;
  /** When it was said, in milliseconds since the interpreter joined. */
  readonly startMs: number;
  readonly endMs: number;
  /** When the message was sent, in milliseconds since 1970. */
  readonly sentAtMs: number;
  /** It was said before we came: the meeting had kept it. */
  readonly kept: boolean;
};

/** One of a caption's two texts; `language` is a BCP 47 tag, or empty where it is not known. */
export type CaptionText = { readonly text: string; readonly language: string };

/** Something that did not work. The meeting goes on without it. */
export type Problem = {
  /**
   * `captions`: they cannot be received. `language`: the interpreter does not know the language that was asked for.
   * `audio`: somebody cannot be heard. `interpreter`: `isInterpreter` failed.
   */
  readonly what: 'captions' | 'language' | 'audio' | 'interpreter';
  /** Whom it concerns, of `audio` and `interpreter`. */
  readonly participantId: string | undefined;
  /** What the SDK, the browser or `isInterpreter` rejected with. */
  readonly cause: unknown;
};

/** Events of a {@link ParleyClient} and what listeners get. */
export type ParleyEvents = {
  /** A caption is new, or has changed. */
  caption: Caption;
  /** This caption was withdrawn, or is the oldest of more than 500. */
  'caption-removed': Caption;
  /** A translation begins to sound, or has ended. */
  translating: boolean;
  /** An interpreter or an output channel came or went, or another was chosen: draw your controls anew. */
  change: undefined;
  /** The browser wants a click before it plays audio (true), or does not any more: call `resumeAudio` in the click. */
  'audio-blocked': boolean;
  /** Without a listener problems are written to the console. */
  problem: Problem;
};

/** As much of VideoSDK's `Stream` as is used. */
export interface MeetingStream {
  readonly kind: string;
  readonly track: MediaStreamTrack;
}

/** As much of VideoSDK's `Participant` as is used. */
export interface MeetingParticipant {
  readonly id: string;
  readonly metaData?: unknown;
  readonly streams: ReadonlyMap<string, MeetingStream>;
  consumeMicStreams(): Promise<void>;
  stopConsumingMicStreams(): Promise<void>;
  on(event: 'stream-enabled' | 'stream-disabled', listener: (stream: MeetingStream) => void): unknown;
  off(event: 'stream-enabled' | 'stream-disabled', listener: (stream: MeetingStream) => void): unknown;
}

/** As much of a pubSub message as is used. */
export type MeetingMessage = {
  readonly senderId?: unknown;
  readonly payload?: unknown;
  readonly timestamp?: unknown;
};

/** What is called with a topic's messages. */
export type MeetingTopicListeners = {
  onMessageReceived: (message: MeetingMessage) => void;
  onOldMessagesReceived: (messages: MeetingMessage[]) => void;
};

/** As much of VideoSDK's `Meeting` as is used: what `VideoSDK.initMeeting` of `@videosdk.live/js-sdk` returns fits. */
export interface Meeting {
  readonly localParticipant: { readonly id: string };
  readonly participants: ReadonlyMap<string, MeetingParticipant>;
  readonly pubSub: {
    publish(topic: string, message: string, options: { persist: boolean }, payload: object): Promise<void>;
    subscribe(
      topic: string,
      listeners: MeetingTopicListeners,
      options: { oldMessageLimit: number },
    ): Promise<void>;
    unsubscribe(topic: string, listeners: MeetingTopicListeners): Promise<void>;
  };
  on(event: 'meeting-joined' | 'meeting-left', listener: (data: unknown) => void): unknown;
  on(
    event: 'participant-joined' | 'participant-left',
    listener: (participant: MeetingParticipant) => void,
  ): unknown;
  off(event: 'meeting-joined' | 'meeting-left', listener: (data: unknown) => void): unknown;
  off(
    event: 'participant-joined' | 'participant-left',
    listener: (participant: MeetingParticipant) => void,
  ): unknown;
}

/** What {@link parleyClient} takes. */
export type ParleyClientOptions = {
  /**
   * Whether this participant is Parley. Its captions are read and its voices take the place of the originals, so it must be
   * true for nobody else: a name proves nothing. Where your server makes every token for a participant id of its choice and
   * never one that begins with `parley-`, `(id) => id.startsWith('parley-')` is enough; elsewhere ask your server. It is
   * called whenever somebody comes.
   */
  readonly isInterpreter: (participantId: string) => boolean | Promise<boolean>;
  /** BCP 47 tag of what the listener wants to hear and read, as in {@link parleyMetadata}. Without one: not chosen yet. */
  readonly language?: string;
  /** See {@link ParleyClient.outputChannel}; `auto` without it. */
  readonly outputChannel?: string;
  /** See {@link ParleyClient.captionLanguage}; `auto` without it. */
  readonly captionLanguage?: string;
  /** See {@link ParleyClient.balance}; 0.8 without it. */
  readonly balance?: number;
  /** How many captions from before we came are wanted, where the meeting keeps them; 100 without it, 0 for none. */
  readonly keptCaptions?: number;
  /** The meeting is joined already. Best make the client before `meeting.join()`, in the click that joins. */
  readonly joined?: boolean;
};

/** Everything that one listener needs of Parley. Made by {@link parleyClient}. */
export interface ParleyClient {
  /** BCP 47 tag of the language that was asked for last; `und` while none is chosen. */
  readonly language: string;
  /**
   * Asks the interpreter for another language, to hear and to read. Captions and channels follow at once; until the
   * interpreter knows it, and while there is no connection, it is told again by itself. Throws RangeError for what is no tag.
   */
  askForLanguage(language: string): void;

  /**
   * Which of the interpreter's voices is heard: `auto`, the one of `language`; a BCP 47 tag, another one; `off`, none. Where
   * the interpreter has one voice for everybody, only `off` makes a difference. Setting throws RangeError for what is no tag.
   */
  outputChannel: string;
  /** Languages of the interpreter's voices that are in the meeting, as BCP 47 tags. Empty: there is one voice for all. */
  readonly outputChannels: readonly string[];
  /**
   * Which captions are read: `auto`, those in `language`; a BCP 47 tag, others; `off`, none. A language has captions while
   * somebody in the meeting wants it, or the meeting's host has named it. Setting throws RangeError for what is no tag.
   */
  captionLanguage: string;
  /** What can be read at present, oldest first: at most 500 segments. */
  readonly captions: readonly Caption[];

  /** How loud, from 0, the original alone, to 1, the translation alone. From 0.5 on originals step back during a translation. */
  balance: number;
  /** A translation sounds at present, or did less than 600 ms ago. */
  readonly isTranslating: boolean;
  /**
   * Takes over the volume and the muting of an element of yours that plays this participant, through `srcObject`, until the
   * returned function is called; that leaves the element as it was.
   */
  attach(participantId: string, element: HTMLMediaElement): () => void;
  /**
   * Plays everybody, in audio elements of its own within `parent` (the page's body without it), for pages that do not play
   * audio themselves. Join with `autoConsume: false`: it asks for the microphones that are to be heard and no others. Each
   * element has the participant's id in `data-participant-id`.
   */
  playEveryone(parent?: HTMLElement): void;
  /** Plays what the browser refused to play before a click. Call it in a click. */
  resumeAudio(): Promise<void>;

  /** Whether `isInterpreter` has said so of this participant. */
  isInterpreter(participantId: string): boolean;
  /** What is heard of this participant. Unheard are the channels that are not chosen, and a false `parley-…`. */
  roleOf(participantId: string): Role;
  /** Calls `listener` on every `event`; returns a function that ends it. */
  on<Name extends keyof ParleyEvents>(event: Name, listener: (event: ParleyEvents[Name]) => void): () => void;
  /** Ends everything: no more audio, captions or events. The meeting itself goes on. Leaving the meeting does it too. */
  close(): void;
}
