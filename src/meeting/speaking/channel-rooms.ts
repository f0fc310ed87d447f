import type { Clock } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { EventEmitter, type EventSource, type OnListenerError } from '../../events.js';
import { OutputChannel, type OutputChannelOptions } from '../../interpreter/playback/output-channel.js';
import { type LanguageTag, ownLanguageName, sameLanguage } from '../../languages/languages.js';
import type { Room } from '../../room/room.js';

/** Makes a room that has not been joined, for the participant that speaks this language. */
export type OpenChannel = (language: LanguageTag) => Promise<Room>;

/** A language that is not needed any more keeps its voice for so long: people come back. */
const KEEP_UNNEEDED_MS = 30_000;
/** What is still to be heard may take this long before the voice leaves. */
const MAX_DRAIN_MS = 20_000;
/** A voice that could not join, or was thrown out, is tried again after this. */
const RETRY_MS = 60_000;

/** What a client learns of a channel from its participant's metadata. */
export function channelMetadata(language: LanguageTag): Readonly<Record<string, unknown>> {
  return { parley: { channel: language } };
}

/** The language of a channel by its participant's metadata; undefined where it is none. */
export function channelLanguage(metadata: Readonly<Record<string, unknown>>): LanguageTag | undefined {
  const said: unknown = metadata['parley'];
  if (typeof said !== 'object' || said === null) return undefined;
  const { channel } = said as Record<string, unknown>;
  return typeof channel === 'string' ? channel : undefined;
}

/** What the participant that speaks this language is called, such as `Parley · Español`. */
export function channelName(interpreterName: string, language: LanguageTag): string {
  const own = ownLanguageName(language);
  const capital = own.replace(/^\p{Ll}/u, (letter) => letter.toLocaleUpperCase(language));
  return `${interpreterName} · ${capital}`;
}

/** Whether a participant's metadata announces a client that plays one channel only. */
export function playsOneChannel(metadata: Readonly<Record<string, unknown>>): boolean {
  const said: unknown = metadata['parley'];
  return typeof said === 'object' && said !== null && (said as Record<string, unknown>)['channels'] === true;
}

type ChannelRoomsOptions = {
  clock: Clock;
  open: OpenChannel;
  /** Of a channel that is made now. */
  channelOptions: () => OutputChannelOptions;
  onListenerError?: OnListenerError | undefined;
};

/** What happens to channels of their own. */
type ChannelRoomsEvents = {
  /** A channel has joined, or failed. */
  changed: [];
  /** Why the channel of a language is not in the meeting, in one line. */
  trouble: [language: LanguageTag, message: string];
  /** A channel was made; it has not joined yet. */
  opened: [voice: OutputChannel];
  /** A channel leaves; nothing more is heard of it. */
  left: [voice: OutputChannel];
};

type Channel = {
  readonly language: LanguageTag;
  readonly voice: OutputChannel;
  room: Room | undefined;
  joined: boolean;
  /** Since when nobody needs it. */
  unneededSinceMs: number | undefined;
};

/**
 * Voices of their own: for each language a participant that is published beside the interpreter, speaks that language and
 * nothing else, and hears nobody. Clients know it by its id, which is an interpreter's, and by {@link channelMetadata}.
 */
export class ChannelRooms {
  readonly #options: ChannelRoomsOptions;
  readonly #events: EventEmitter<ChannelRoomsEvents>;
  readonly #channels = new Set<Channel>();
  readonly #failedUntilMs = new Map<LanguageTag, number>();
  readonly #leaving = new Set<Promise<void>>();
  #closed = false;

  constructor(options: ChannelRoomsOptions) {
    this.#options = options;
    this.#events = new EventEmitter(options.onListenerError);
  }

  get events(): EventSource<ChannelRoomsEvents> {
    return this.#events;
  }

  get voices(): readonly OutputChannel[] {
    return [...this.#channels].map(({ voice }) => voice);
  }

  /** Languages whose voice failed and is not to be tried yet. */
  get failed(): readonly LanguageTag[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#failedUntilMs].flatMap(([language, untilMs]) => (untilMs > nowMs ? [language] : []));
  }

  /** The voice of a language, joined or about to be. */
  voiceOf(language: LanguageTag): OutputChannel | undefined {
    return this.#find(language)?.voice;
  }

  /** All of these have joined. */
  haveJoined(languages: readonly LanguageTag[]): boolean {
    return languages.every((language) => this.#find(language)?.joined === true);
  }

  /** Opens voices for these languages; those of others leave after a while. */
  need(languages: readonly LanguageTag[]): void {
    if (this.#closed) return;
    for (const channel of this.#channels) {
      const needed = languages.some((tag) => sameLanguage(tag, channel.language));
      channel.unneededSinceMs = needed ? undefined : (channel.unneededSinceMs ?? this.#options.clock.nowMs());
    }
    for (const language of languages) if (this.#find(language) === undefined) this.#open(language);
  }

  /** Lets voices go that nobody needs any more, when what they had to say is heard. */
  tick(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const channel of this.#channels) {
      if (channel.unneededSinceMs === undefined) continue;
      const forMs = nowMs - channel.unneededSinceMs;
      if (forMs < KEEP_UNNEEDED_MS || (!channel.voice.idle && forMs < KEEP_UNNEEDED_MS + MAX_DRAIN_MS))
        continue;
      this.#leave(channel);
    }
  }

  /** All of them leave at once. Resolves when nothing of them is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const channel of this.#channels) this.#leave(channel);
    await Promise.all(this.#leaving);
  }

  #find(language: LanguageTag): Channel | undefined {
    for (const channel of this.#channels) if (sameLanguage(channel.language, language)) return channel;
    return undefined;
  }

  #open(language: LanguageTag): void {
    const voice = new OutputChannel(this.#options.channelOptions());
    const channel: Channel = { language, voice, room: undefined, joined: false, unneededSinceMs: undefined };
    this.#channels.add(channel);
    this.#failedUntilMs.delete(language);
    this.#events.emit('opened', voice);
    void this.#join(channel);
  }

  async #join(channel: Channel): Promise<void> {
    try {
      const room = await this.#options.open(channel.language);
      if (!this.#channels.has(channel)) return;
      channel.room = room;
      room.publish(channel.voice);
      room.events.on('state', (state) => {
        if (state.kind === 'left' && this.#channels.has(channel) && channel.joined) {
          this.#fail(channel, state.reason.message);
        }
      });
      await room.join();
      if (!this.#channels.has(channel)) return;
      channel.joined = true;
      this.#events.emit('changed');
    } catch (error) {
      if (this.#channels.has(channel)) this.#fail(channel, messageOf(error));
    }
  }

  #fail(channel: Channel, why: string): void {
    this.#leave(channel);
    this.#failedUntilMs.set(channel.language, this.#options.clock.nowMs() + RETRY_MS);
    this.#events.emit('trouble', channel.language, why);
    this.#events.emit('changed');
  }

  #leave(channel: Channel): void {
    this.#channels.delete(channel);
    channel.voice.silence();
    this.#events.emit('left', channel.voice);
    if (channel.room === undefined) return;
    const leaving = channel.room.leave().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}
