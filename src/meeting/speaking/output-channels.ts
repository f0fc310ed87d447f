import type { Clock } from '../../clock.js';
import {
  type ChannelNeed,
  type ChannelPlan,
  planChannels,
  type ChannelsMode,
} from '../../interpreter/plan/channel-plan.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import { OutputChannel, type OutputChannelOptions } from '../../interpreter/playback/output-channel.js';
import { type LanguageTag, languageName, sameLanguage, spokenLanguage } from '../../languages/languages.js';
import { ChannelRooms, type OpenChannel, playsOneChannel } from './channel-rooms.js';

/** A person as far as voices are concerned. `name` is fit for showing, `metadata` is untrusted. */
export type ChannelListener = {
  readonly id: string;
  readonly name: string;
  readonly prefers: LanguageTag | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
};

export type OutputChannelsOptions = {
  clock: Clock;
  mode: ChannelsMode;
  voice: OutputChannelOptions;
  /** What one voice speaks; absent: the two most needed languages. */
  voiceLanguages?: readonly LanguageTag[];
  /** Absent where no further participant can join: there is one voice. */
  openChannel?: OpenChannel;
  /** {@link OutputChannels.voiceFor} answers differently from now on. */
  onChanged: () => void;
  /** Something that whoever runs the meeting should read: one line, and each only once in a row. */
  onNotice: (message: string) => void;
};

/**
 * The voices of one meeting: which of them speaks a language, and which of them a person hears. One voice is the
 * interpreter's own; where everybody's app plays one channel only, each language has a voice of its own instead.
 */
export class OutputChannels {
  /** The voice of the interpreter's own track. */
  readonly main: OutputChannel;
  readonly #options: OutputChannelsOptions;
  readonly #channels: ChannelRooms | undefined;
  #listeners: readonly ChannelListener[] = [];
  #needs: readonly ChannelNeed[] = [];
  #plan: ChannelPlan = { kind: 'one', spoken: [], unspoken: [] };
  /** Every language speaks by its own voice: planned, and all of them have joined. */
  #apart = false;
  #told: string | undefined;
  #writesOnly = false;
  readonly #speaking = new Set<string>();
  /**
   * Told of every frame that a voice publishes, as {@link OutputChannel.onPulled} is.
   */
  onPulled: ((voice: OutputChannel, frame: Int16Array, atMs: number) => void) | undefined;

  constructor(options: OutputChannelsOptions) {
    this.#options = options;
    this.main = new OutputChannel(options.voice);
    this.#watch(this.main);
    const { openChannel, clock, voice, onNotice } = options;
    if (openChannel === undefined) return;
    this.#channels = new ChannelRooms({
      clock,
      voice,
      open: openChannel,
      onChanged: () => {
        if (this.#decide()) options.onChanged();
      },
      onTrouble: (language, message) => {
        onNotice(`the voice for ${languageName(language)} is not in the meeting: ${message}`);
      },
      onNewVoice: (each) => {
        this.#watch(each);
      },
    });
  }

  /** Nothing is queued or sounding anywhere. */
  get idle(): boolean {
    return this.#all.every(({ idle }) => idle);
  }

  /** From now on nothing is spoken: translations are read. What is being said is finished. */
  writeOnly(): void {
    this.#writesOnly = true;
    this.#decide();
  }

  /** See {@link OutputChannels.writeOnly}. */
  get writesOnly(): boolean {
    return this.#writesOnly;
  }

  /** The voice that speaks this language; undefined where it is read in captions only. */
  voiceFor(to: LanguageTag): OutputChannel | undefined {
    if (this.#writesOnly) return undefined;
    if (this.#apart) return this.#channels?.voiceOf(to);
    const { kind, unspoken } = this.#plan;
    // Until all of the voices apart have joined, the one voice speaks for them.
    if (kind === 'per_language') return this.main;
    const isOneOf = (tags: readonly LanguageTag[]): boolean => tags.some((tag) => sameLanguage(tag, to));
    const { voiceLanguages } = this.#options;
    return isOneOf(unspoken) || (voiceLanguages !== undefined && !isOneOf(voiceLanguages))
      ? undefined
      : this.main;
  }

  /** The voices that this person hears. */
  heardBy(participantId: string): readonly OutputChannel[] {
    const listener = this.#listeners.find(({ id }) => id === participantId);
    if (listener === undefined || !playsOneChannel(listener.metadata)) return this.#all;
    const own = listener.prefers === undefined ? undefined : this.#channels?.voiceOf(listener.prefers);
    return own === undefined ? [this.main] : [this.main, own];
  }

  /** Somebody speaks, for `lastedMs` until now; 0 when they stopped. Whoever barges in does so on the voices they hear. */
  heard(speakerId: string, lastedMs: number): void {
    if (lastedMs > 0) this.#speaking.add(speakerId);
    else if (!this.#speaking.delete(speakerId)) return; // silence goes on, frame by frame
    for (const voice of lastedMs > 0 ? this.heardBy(speakerId) : this.#all) voice.heard(speakerId, lastedMs);
  }

  /** Brings the voices in line with who is here and what is needed. */
  update(listeners: readonly ChannelListener[], needs: readonly ChannelNeed[]): void {
    this.#listeners = listeners;
    this.#needs = needs;
    this.#decide();
  }

  /** To be called again and again: voices leave that are not needed, and such as failed are tried again. */
  tick(): void {
    this.#channels?.tick();
    if (this.#decide()) this.#options.onChanged();
  }

  /** Nothing more is said: what was still to be heard is cut, and those who said it are told. */
  silence(): void {
    for (const voice of this.#all) voice.silence();
  }

  /** Every voice but the main one leaves at once. Resolves when nothing of them is left. */
  async close(): Promise<void> {
    await this.#channels?.close();
  }

  get #all(): readonly OutputChannel[] {
    return [this.main, ...(this.#channels?.voices ?? [])];
  }

  #watch(voice: OutputChannel): void {
    voice.onPulled = (frame, atMs) => this.onPulled?.(voice, frame, atMs);
  }

  /** Plans again. Returns whether other voices speak from now on. */
  #decide(): boolean {
    if (this.#writesOnly) {
      this.#channels?.need([]); // those that there are leave when they have nothing left to say
      return false;
    }
    const { mode, voiceLanguages } = this.#options;
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
    // Once apart, a language that comes in addition is spoken by its own voice as soon as that has joined.
    this.#apart = apart.length > 0 && (wasApart || (this.#channels?.haveJoined(apart) ?? false));
    return (
      wasApart !== this.#apart || before.kind !== plan.kind || before.spoken.join() !== plan.spoken.join()
    );
  }

  #notify({ unspoken, why }: ChannelPlan): void {
    const message =
      why === undefined
        ? undefined
        : `${unspoken.map((tag) => languageName(tag)).join(' and ')} ${unspoken.length === 1 ? 'is' : 'are'} read, not heard: ${why}`;
    if (message === this.#told) return;
    this.#told = message;
    if (message !== undefined) this.#options.onNotice(message);
  }
}

/** The languages that these routes translate into, and how many people need each. */
export function needsOf(routes: readonly RouteSpec[]): ChannelNeed[] {
  const needs = new Map<string, { to: LanguageTag; listenerIds: Set<string> }>();
  for (const { to, listenerIds } of routes) {
    if (to === undefined) continue;
    const need = needs.get(spokenLanguage(to)) ?? { to, listenerIds: new Set() };
    needs.set(spokenLanguage(to), need);
    for (const id of listenerIds) need.listenerIds.add(id);
  }
  return [...needs.values()].map(({ to, listenerIds }) => ({ to, listenerCount: listenerIds.size }));
}
