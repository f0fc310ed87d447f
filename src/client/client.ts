/**
 * A page's connection to Parley, on top of VideoSDK's meeting. Facts about the SDK (js-sdk 1.1.1): every reconnect brings
 * new participant objects, forgets pubSub subscriptions and keeps participants who left meanwhile.
 */
import type {
  Caption,
  Meeting,
  MeetingParticipant,
  ParleyClient,
  ParleyClientOptions,
  ParleyEvents,
  Problem,
  Role,
} from './api.js';
import { CaptionFeed, captionTexts, type Segment } from './captions.js';
import { CaptionSubscription } from './caption-subscription.js';
import { Interpreters } from './interpreters.js';
import { canonicalTag, captionsTopic } from './languages.js';
import { Listeners } from './listeners.js';
import { roleOf } from './mix.js';
import { People } from './people.js';
import { Players } from './players.js';

/** VideoSDK's pubSub topic on which people say `{ preferredLanguage }`. */
const LANGUAGE_TOPIC = 'PARLEY_LANGUAGE';
/** An interpreter who has just come needs so long to subscribe to the topic. */
const ANNOUNCE_AFTER_MS = 2_000;

/** {@link ParleyClient} for one meeting object. */
export class Client implements ParleyClient {
  readonly #meeting: Meeting;
  readonly #listeners = new Listeners<ParleyEvents>();
  readonly #interpreters: Interpreters;
  readonly #players: Players;
  readonly #people: People;
  readonly #captions: CaptionSubscription;
  readonly #feed = new CaptionFeed();
  #language: string;
  #outputChannel: string;
  #captionLanguage: string;
  #isJoined: boolean;
  #isClosed = false;
  /** Another language than the one that we joined with was asked for. */
  #isAsked = false;
  #announceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(meeting: Meeting, options: ParleyClientOptions) {
    // A page in plain JavaScript must not trust everybody by a slip.
    if (typeof (options as Partial<ParleyClientOptions> | undefined)?.isInterpreter !== 'function')
      throw new TypeError(
        'parleyClient needs isInterpreter: a function that says which participant is Parley',
      );
    this.#meeting = meeting;
    this.#language = canonicalTag(options.language ?? 'und');
    this.#outputChannel = choiceOf(options.outputChannel ?? 'auto');
    this.#captionLanguage = choiceOf(options.captionLanguage ?? 'auto');
    this.#isJoined = options.joined === true;
    this.#interpreters = new Interpreters(
      options.isInterpreter,
      (id) => this.#judged(id),
      (id, cause) => this.#problem('interpreter', cause, id),
    );
    this.#players = new Players(
      options.balance ?? 0.8,
      (id) => this.roleOf(id),
      (event, is) => this.#listeners.emit(event, is),
    );
    this.#people = new People(meeting.localParticipant.id, this.#players, {
      isHeard: (id) => this.roleOf(id) !== 'unheard',
      onCame: (id) => this.#interpreters.came(id),
      onLeft: (id) => this.#left(id),
      onUnheard: (id, cause) => this.#problem('audio', cause, id),
    });
    this.#captions = new CaptionSubscription(meeting, options.keptCaptions ?? 100, {
      onMessage: (senderId, segment) => this.#interpreters.from(senderId, () => this.#add(segment)),
      onFailure: (cause) => this.#problem('captions', cause),
    });
    meeting.on('meeting-joined', this.#onJoined);
    meeting.on('meeting-left', this.#onMeetingLeft);
    meeting.on('participant-joined', this.#onParticipantJoined);
    meeting.on('participant-left', this.#onParticipantLeft);
    for (const participant of meeting.participants.values()) this.#people.came(participant);
    if (this.#isJoined) this.#captions.joined();
    this.#captions.follow(this.#topic());
  }

  get language(): string {
    return this.#language;
  }

  askForLanguage(language: string): void {
    this.#language = canonicalTag(language);
    this.#isAsked = true;
    this.#announce();
    this.#chosen();
  }

  get outputChannel(): string {
    return this.#outputChannel;
  }

  set outputChannel(channel: string) {
    this.#outputChannel = choiceOf(channel);
    this.#chosen();
  }

  get outputChannels(): readonly string[] {
    return this.#people.channelsOf((id) => this.isInterpreter(id));
  }

  get captionLanguage(): string {
    return this.#captionLanguage;
  }

  set captionLanguage(language: string) {
    this.#captionLanguage = choiceOf(language);
    this.#chosen();
  }

  get captions(): readonly Caption[] {
    return this.#feed.segments.map((segment) => this.#read(segment));
  }

  get balance(): number {
    return this.#players.balance;
  }

  set balance(balance: number) {
    this.#players.balance = balance;
  }

  get isTranslating(): boolean {
    return this.#players.isTranslating;
  }

  attach(participantId: string, element: HTMLMediaElement): () => void {
    this.#players.attach(participantId, element);
    return () => this.#players.detach(element);
  }

  playEveryone(parent: HTMLElement = document.body): void {
    this.#people.play(parent);
  }

  resumeAudio(): Promise<void> {
    return this.#players.resume();
  }

  isInterpreter(participantId: string): boolean {
    return this.#interpreters.has(participantId);
  }

  roleOf(participantId: string): Role {
    const participant = {
      id: participantId,
      isInterpreter: this.isInterpreter(participantId),
      channel: this.#people.channelOf(participantId),
    };
    return roleOf(participant, this.#outputChannel === 'auto' ? this.#language : this.#outputChannel);
  }

  on<Name extends keyof ParleyEvents>(
    event: Name,
    listener: (event: ParleyEvents[Name]) => void,
  ): () => void {
    return this.#listeners.on(event, listener);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.close();
    clearTimeout(this.#announceTimer);
    this.#meeting.off('meeting-joined', this.#onJoined);
    this.#meeting.off('meeting-left', this.#onMeetingLeft);
    this.#meeting.off('participant-joined', this.#onParticipantJoined);
    this.#meeting.off('participant-left', this.#onParticipantLeft);
    this.#captions.follow(undefined);
    this.#people.close();
    this.#players.close();
  }

  readonly #onJoined = (data: unknown): void => {
    this.#isJoined = true;
    this.#people.joined(data);
    this.#captions.joined();
    if (this.#isAsked) this.#announce();
  };

  readonly #onMeetingLeft = (): void => {
    this.#captions.left();
    this.close();
  };

  readonly #onParticipantJoined = (participant: MeetingParticipant): void => {
    this.#people.came(participant);
  };

  readonly #onParticipantLeft = ({ id }: MeetingParticipant): void => {
    this.#people.left(id);
  };

  /** It is known whether somebody is an interpreter. */
  #judged(id: string): void {
    if (this.#isClosed) return;
    this.#refresh();
    if (!this.#isAsked || !this.isInterpreter(id)) return;
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => this.#announce(), ANNOUNCE_AFTER_MS);
  }

  #left(id: string): void {
    const wasInterpreter = this.isInterpreter(id);
    this.#interpreters.left(id);
    if (wasInterpreter) this.#listeners.emit('change', undefined);
  }

  /** The listener has chosen something else. */
  #chosen(): void {
    if (this.#isClosed) return;
    this.#captions.follow(this.#topic());
    for (const segment of this.#feed.segments) this.#listeners.emit('caption', this.#read(segment));
    this.#refresh();
  }

  #refresh(): void {
    this.#players.refresh();
    this.#people.refresh();
    this.#listeners.emit('change', undefined);
  }

  #announce(): void {
    if (!this.#isJoined || this.#isClosed) return; // done when we are in the meeting
    const language = this.#language;
    this.#meeting.pubSub
      .publish(LANGUAGE_TOPIC, language, { persist: false }, { preferredLanguage: language })
      .catch((cause: unknown) => this.#problem('language', cause));
  }

  /** The topic of the captions that are read; undefined for none. */
  #topic(): string | undefined {
    return this.#captionLanguage === 'off' ? undefined : captionsTopic(this.#readLanguage());
  }

  #readLanguage(): string {
    const own = this.#captionLanguage === 'auto' || this.#captionLanguage === 'off';
    return own ? this.#language : this.#captionLanguage;
  }

  #add(segment: Segment): void {
    if (this.#isClosed) return;
    const { changed, removed } = this.#feed.add(segment);
    if (changed !== undefined) this.#listeners.emit('caption', this.#read(changed));
    if (removed !== undefined) this.#listeners.emit('caption-removed', this.#read(removed));
  }

  #read(segment: Segment): Caption {
    const { main, other } = captionTexts(segment, this.#readLanguage());
    return { ...segment, ...(main.text === '' ? other : main) };
  }

  #problem(what: Problem['what'], cause: unknown, participantId?: string): void {
    if (this.#isClosed) return;
    const problem = { what, participantId, cause };
    // eslint-disable-next-line no-console -- nobody else would hear of it
    if (!this.#listeners.emit('problem', problem)) console.warn('Parley:', problem);
  }
}

/** `auto`, `off`, or a tag in its usual writing. */
function choiceOf(choice: string): string {
  return choice === 'auto' || choice === 'off' ? choice : canonicalTag(choice);
}
