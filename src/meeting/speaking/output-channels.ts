import type { Clock } from '../../clock.js';
import { EventEmitter, type EventSource, type OnListenerError } from '../../events.js';
import {
  type ChannelNeed,
  type ChannelPlan,
  planChannels,
  type ChannelsMode,
} from '../../interpreter/plan/channel-plan.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import { OutputChannel, type OutputChannelOptions } from '../../interpreter/playback/output-channel.js';
import {
  type LanguageTag,
  ownLanguageName,
  sameLanguage,
  spokenLanguage,
} from '../../languages/languages.js';
import type { Metric } from '../../metrics.js';
import { ChannelRooms, type OpenChannel, playsOneChannel } from './channel-rooms.js';

/** A person as far as output channels are concerned. `name` is fit for showing, `metadata` is untrusted. */
export type ChannelListener = {
  readonly id: string;
  readonly name: string;
  readonly prefers: LanguageTag | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
};

/** What can change about a meeting's output channels while it runs. */
export type ChannelSettings = OutputChannelOptions & {
  mode: ChannelsMode;
  /** What one channel speaks; undefined: the two most needed languages. */
  voiceLanguages: readonly LanguageTag[] | undefined;
};

type OutputChannelsOptions = {
  clock: Clock;
  settings: ChannelSettings;
  /** Absent where no further participant can join: there is one channel. */
  openChannel?: OpenChannel;
  onListenerError?: OnListenerError | undefined;
};

/** What happens to a meeting's output channels. */
type OutputChannelsEvents = {
  /** {@link OutputChannels.voiceFor} answers differently from now on. */
  changed: [];
  /** Something that whoever runs the meeting should read: one line, and each only once in a row. */
  notice: [message: string];
};

/** Takes a frame that a channel publishes: see `FrameListener`. */
type ChannelFrameListener = (channel: OutputChannel, frame: Int16Array, atMs: number) => void;

/**
 * The output channels of one meeting: which of them speaks a language, and which of them a person hears. One is the
 * interpreter's own; where everybody's app plays one channel only, each language has a channel of its own instead.
 */
export class OutputChannels {
  /** The channel of the interpreter's own track. */
  readonly main: OutputChannel;
  readonly #events: EventEmitter<OutputChannelsEvents>;
  readonly #channels: ChannelRooms | undefined;
  #settings: ChannelSettings;
  #listeners: readonly ChannelListener[] = [];
  #needs: readonly ChannelNeed[] = [];
  #plan: ChannelPlan = { kind: 'one', spoken: [], unspoken: [] };
  /** Every language speaks by its own channel: planned, and all of them have joined. */
  #apart = false;
  /** What of the plan was told last. */
  #notified: string | undefined;
  #writesOnly = false;
  #allMuted = false;
  /** Languages that nobody is to hear, by tag without region. */
  readonly #muted = new Set<string>();
  readonly #speaking = new Set<string>();
  #frameListeners: readonly ChannelFrameListener[] = [];
  /** Of channels that have left, and of our own listeners. */
  readonly #past = { underrunFrames: 0, holds: 0, lateMs: 0, clearedMs: 0, listenerErrors: 0 };

  constructor({ clock, settings, openChannel, onListenerError }: OutputChannelsOptions) {
    this.#events = new EventEmitter(onListenerError);
    this.#settings = settings;
    this.main = new OutputChannel(settings);
    this.#watch(this.main);
    if (openChannel === undefined) return;
    this.#channels = new ChannelRooms({
      clock,
      open: openChannel,
      channelOptions: () => this.#settings,
      onListenerError,
    });
    const { events } = this.#channels;
    events.on('changed', () => {
      if (this.#decide()) this.#events.emit('changed');
    });
    events.on('trouble', (language, message) => {
      this.#events.emit(
        'notice',
        `the voice for ${ownLanguageName(language)} is not in the meeting: ${message}`,
      );
    });
    events.on('opened', (channel) => {
      this.#watch(channel);
    });
    events.on('left', (channel) => {
      addStats(this.#past, channel);
    });
  }

  get events(): EventSource<OutputChannelsEvents> {
    return this.#events;
  }

  /** Nothing is queued or sounding anywhere. */
  get idle(): boolean {
    return this.#all.every(({ idle }) => idle);
  }

  /** Channels beside the main one can be published. */
  get canOpen(): boolean {
    return this.#channels !== undefined;
  }

  get settings(): Readonly<ChannelSettings> {
    return this.#settings;
  }

  /** Other settings from now on; what is being said is finished where it began. */
  configure(settings: ChannelSettings): void {
    this.#settings = settings;
    for (const channel of this.#all) channel.configure(settings);
    if (this.#decide()) this.#events.emit('changed');
  }

  /** While true nothing is spoken: translations are read. What is being said is finished. */
  setWritesOnly(writesOnly: boolean): void {
    if (writesOnly === this.#writesOnly) return;
    this.#writesOnly = writesOnly;
    this.#apart = false; // channels that leave meanwhile have to join again
    this.#decide();
    this.#events.emit('changed');
  }

  /** See {@link OutputChannels.setWritesOnly}. */
  get writesOnly(): boolean {
    return this.#writesOnly;
  }

  /**
   * Nothing is spoken in this language until it is unmuted; without a language, in none. Unmuting without a language unmutes
   * all. What is being said is for its routes to silence.
   */
  setMuted(muted: boolean, language?: LanguageTag): void {
    if (language === undefined) {
      this.#allMuted = muted;
      if (!muted) this.#muted.clear();
    } else if (muted) this.#muted.add(spokenLanguage(language));
    else this.#muted.delete(spokenLanguage(language));
    this.#events.emit('changed');
  }

  /** Which languages are muted, without regions, or all of them. */
  get muted(): 'all' | readonly LanguageTag[] {
    return this.#allMuted ? 'all' : [...this.#muted];
  }

  /** Nobody is to hear this language at present. */
  isMuted(language: LanguageTag): boolean {
    return this.#allMuted || this.#muted.has(spokenLanguage(language));
  }

  /**
   * Calls `listener` with every frame that a channel publishes, of channels to come too. Returns a function that stops it.
   */
  onFrame(listener: ChannelFrameListener): () => void {
    this.#frameListeners = [...this.#frameListeners, listener];
    return () => {
      this.#frameListeners = this.#frameListeners.filter((other) => other !== listener);
    };
  }

  /** The channel that speaks this language; undefined where it is read in captions only. */
  voiceFor(to: LanguageTag): OutputChannel | undefined {
    if (this.#writesOnly || this.isMuted(to)) return undefined;
    if (this.#apart) return this.#channels?.voiceOf(to);
    const { kind, unspoken } = this.#plan;
    // Until all of the channels apart have joined, the one channel speaks for them.
    if (kind === 'per_language') return this.main;
    const isOneOf = (tags: readonly LanguageTag[]): boolean => tags.some((tag) => sameLanguage(tag, to));
    const { voiceLanguages } = this.#settings;
    return isOneOf(unspoken) || (voiceLanguages !== undefined && !isOneOf(voiceLanguages))
      ? undefined
      : this.main;
  }

  /** The channels that this person hears. */
  heardBy(participantId: string): readonly OutputChannel[] {
    const listener = this.#listeners.find(({ id }) => id === participantId);
    if (listener === undefined || !playsOneChannel(listener.metadata)) return this.#all;
    const own = listener.prefers === undefined ? undefined : this.#channels?.voiceOf(listener.prefers);
    return own === undefined ? [this.main] : [this.main, own];
  }

  /** Somebody speaks, for `lastedMs` until now; 0 when they stopped. Whoever barges in does so on the channels they hear. */
  heard(speakerId: string, lastedMs: number): void {
    if (lastedMs > 0) this.#speaking.add(speakerId);
    else if (!this.#speaking.delete(speakerId)) return; // silence goes on, frame by frame
    for (const voice of lastedMs > 0 ? this.heardBy(speakerId) : this.#all) voice.heard(speakerId, lastedMs);
  }

  /** What somebody said over others turned out to be words: the channels that they hear give way, however short it was. */
  interrupt(speakerId: string): void {
    for (const voice of this.heardBy(speakerId)) voice.interrupt(speakerId);
  }

  /** Brings the channels in line with who is here and what is needed. */
  update(listeners: readonly ChannelListener[], needs: readonly ChannelNeed[]): void {
    this.#listeners = listeners;
    this.#needs = needs;
    this.#decide();
  }

  /** To be called again and again: channels leave that are not needed, and such as failed are tried again. */
  tick(): void {
    this.#channels?.tick();
    if (this.#decide()) this.#events.emit('changed');
  }

  /** Nothing more is said: what was still to be heard is cut, and those who said it are told. */
  silence(): void {
    for (const voice of this.#all) voice.silence();
  }

  /** Every channel but the main one leaves at once. Resolves when nothing of them is left. */
  async close(): Promise<void> {
    await this.#channels?.close();
  }

  /** Numbers of all channels, those that have left included. */
  metrics(): readonly Metric[] {
    const total = { ...this.#past };
    for (const channel of this.#all) addStats(total, channel);
    const pendingMs = this.#all.reduce((sum, channel) => sum + channel.pendingMs, 0);
    return [
      {
        name: 'output_channels',
        help: 'Output channels that are published.',
        kind: 'gauge',
        value: this.#all.length,
      },
      {
        name: 'playback_pending_ms',
        help: 'Audio of translations that waits to be heard.',
        kind: 'gauge',
        value: pendingMs,
      },
      {
        name: 'playback_underrun_frames',
        help: 'Frames of 10 ms with silence in the middle of a translation, because its audio came late.',
        kind: 'counter',
        value: total.underrunFrames,
      },
      {
        name: 'playback_holds',
        help: 'How many times a translation waited for the end of a sound over it, and went on or was cut.',
        kind: 'counter',
        value: total.holds,
      },
      {
        name: 'playback_late_ms',
        help: 'Audio of translations that came after its playback was over, and was dropped.',
        kind: 'counter',
        value: total.lateMs,
      },
      {
        name: 'playback_cleared_ms',
        help: 'Audio of translations that was cut before it was heard.',
        kind: 'counter',
        value: total.clearedMs,
      },
      {
        name: 'frame_listener_errors',
        help: 'How many times a listener of published frames has thrown.',
        kind: 'counter',
        value: total.listenerErrors,
      },
    ];
  }

  get #all(): readonly OutputChannel[] {
    return [this.main, ...(this.#channels?.voices ?? [])];
  }

  #watch(channel: OutputChannel): void {
    channel.onFrame((frame, atMs) => {
      for (const listener of this.#frameListeners) {
        try {
          listener(channel, frame, atMs);
        } catch {
          this.#past.listenerErrors++;
        }
      }
    });
  }

  /** Plans again. Returns whether other channels speak from now on. */
  #decide(): boolean {
    if (this.#writesOnly) {
      this.#channels?.need([]); // those that there are leave when they have nothing left to say
      return false;
    }
    const { mode, voiceLanguages } = this.#settings;
    const before = this.#plan;
    const plan = planChannels({
      mode,
      voiceLanguages,
      canPublish: this.#channels !== undefined,
      needs: this.#needs,
      withoutChannels: this.#listeners.flatMap(({ name, metadata }) =>
        playsOneChannel(metadata) ? [] : [name],
      ),
      failed: this.#channels?.failed ?? [],
      spoken: before.spoken,
    });
    this.#plan = plan;
    this.#notify(plan);
    const wasApart = this.#apart;
    const apart = plan.kind === 'per_language' ? plan.spoken : [];
    this.#channels?.need(apart);
    // Once apart, a language that comes in addition is spoken by its own channel as soon as that has joined.
    this.#apart = apart.length > 0 && (wasApart || (this.#channels?.haveJoined(apart) ?? false));
    return (
      wasApart !== this.#apart || before.kind !== plan.kind || before.spoken.join() !== plan.spoken.join()
    );
  }

  #notify({ unspoken, why }: ChannelPlan): void {
    const notified = why === undefined ? undefined : `${unspoken.join()} ${why}`;
    if (notified === this.#notified) return;
    this.#notified = notified;
    if (why === undefined) return;
    const names = unspoken.map((tag) => ownLanguageName(tag)).join(' and ');
    this.#events.emit(
      'notice',
      `${names} ${unspoken.length === 1 ? 'is' : 'are'} shown as captions only: ${why}`,
    );
  }
}

type ChannelTotals = Record<'underrunFrames' | 'holds' | 'lateMs' | 'clearedMs' | 'listenerErrors', number>;

function addStats(total: ChannelTotals, { stats, holds, listenerErrors }: OutputChannel): void {
  total.holds += holds;
  total.underrunFrames += stats.underrunFrames;
  total.lateMs += stats.lateMs;
  total.clearedMs += stats.clearedMs;
  total.listenerErrors += listenerErrors;
}

/** The languages that these routes translate into, and how many people need each. */
export function needsOf(routes: readonly RouteSpec[]): ChannelNeed[] {
  const needs = new Map<string, { to: LanguageTag; listenerIds: Set<string> }>();
  for (const { to, listenerIds, written } of routes) {
    if (to === undefined || written === true) continue;
    const need = needs.get(spokenLanguage(to)) ?? { to, listenerIds: new Set() };
    needs.set(spokenLanguage(to), need);
    for (const id of listenerIds) need.listenerIds.add(id);
  }
  return [...needs.values()].map(({ to, listenerIds }) => ({ to, listenerCount: listenerIds.size }));
}
