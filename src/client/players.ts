/** Audio elements of a meeting's participants, each as loud as its listener's balance has it. */
import type { Role } from './api.js';
import { volumesOf } from './mix.js';

const TICK_MS = 20;
/** Volumes change in steps, so that nothing clicks. */
const STEP = 0.1;
/** Louder than this is heard (-50 dBFS). */
const AUDIBLE = 0.00316;
const MEASURED_SAMPLES = 2_048;
/** Between two words nobody wants the originals back. */
const HOLD_MS = 600;
/** Where a page cannot set volumes (iOS), what should be softer than this is muted. */
const MUTED_BELOW = 0.25;

type Player = {
  readonly participantId: string;
  readonly element: HTMLMediaElement;
  /** Before we took it over. */
  readonly wasMuted: boolean;
  role: Role;
  volume: number;
  /** What is measured, of a translation, and by what. */
  stream: MediaStream | undefined;
  source: MediaStreamAudioSourceNode | undefined;
  analyser: AnalyserNode | undefined;
};

/** Sets the volumes of elements that play participants, and measures whether a translation sounds. */
export class Players {
  readonly #players = new Map<HTMLMediaElement, Player>();
  readonly #roleOf: (participantId: string) => Role;
  readonly #emit: (event: 'translating' | 'audio-blocked', is: boolean) => void;
  readonly #samples = new Float32Array(MEASURED_SAMPLES);
  #balance: number;
  #context: AudioContext | undefined;
  #heardAtMs = -Infinity;
  #isTranslating = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    balance: number,
    roleOf: (participantId: string) => Role,
    emit: (event: 'translating' | 'audio-blocked', is: boolean) => void,
  ) {
    this.#balance = between0And1(balance);
    this.#roleOf = roleOf;
    this.#emit = emit;
  }

  get balance(): number {
    return this.#balance;
  }

  set balance(balance: number) {
    this.#balance = between0And1(balance);
  }

  get isTranslating(): boolean {
    return this.#isTranslating;
  }

  attach(participantId: string, element: HTMLMediaElement): void {
    this.detach(element);
    const role = this.#roleOf(participantId);
    const player: Player = {
      participantId,
      element,
      wasMuted: element.muted,
      role,
      volume: volumesOf(this.#balance, this.#isTranslating)[role],
      stream: undefined,
      source: undefined,
      analyser: undefined,
    };
    this.#players.set(element, player);
    element.muted ||= role === 'unheard';
    setVolume(player);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** Leaves the element as it was. */
  detach(element: HTMLMediaElement): void {
    const player = this.#players.get(element);
    if (player === undefined) return;
    this.#players.delete(element);
    measure(player, undefined, undefined);
    element.muted = player.wasMuted;
    element.volume = 1;
    if (this.#players.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#setTranslating(false);
  }

  /** What somebody is for the listener has changed. */
  refresh(): void {
    for (const player of this.#players.values()) {
      const role = this.#roleOf(player.participantId);
      if (role === player.role) continue;
      player.role = role;
      player.element.muted = player.wasMuted || role === 'unheard';
    }
  }

  /** Resolves with whether nothing is missing: false where the browser wants a click first. */
  async play(element: HTMLMediaElement): Promise<boolean> {
    try {
      await element.play();
      return true;
    } catch (error) {
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
      if (isBlocked) this.#emit('audio-blocked', true);
      return !isBlocked; // taken away before it played
    }
  }

  /** After the click that the browser wanted. */
  async resume(): Promise<void> {
    await this.#context?.resume();
    const played = await Promise.all([...this.#players.keys()].map((element) => this.play(element)));
    if (!played.includes(false)) this.#emit('audio-blocked', false);
  }

  close(): void {
    for (const element of this.#players.keys()) this.detach(element);
    void this.#context?.close();
    this.#context = undefined;
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const player of this.#players.values()) {
      this.#follow(player);
      if (player.analyser !== undefined && this.#isAudible(player.analyser)) this.#heardAtMs = nowMs;
    }
    this.#setTranslating(nowMs - this.#heardAtMs < HOLD_MS);
    const volumes = volumesOf(this.#balance, this.#isTranslating);
    for (const player of this.#players.values()) {
      const aim = volumes[player.role];
      if (aim === player.volume) continue;
      player.volume = Math.min(Math.max(aim, player.volume - STEP), player.volume + STEP);
      setVolume(player);
    }
  }

  /** Measures what a translation's element plays at present, whatever it was given since. */
  #follow(player: Player): void {
    const { srcObject } = player.element;
    const isMeasured =
      player.role === 'translation' &&
      srcObject instanceof MediaStream &&
      srcObject.getAudioTracks().length > 0;
    const stream = isMeasured ? srcObject : undefined;
    if (stream === player.stream) return;
    if (stream !== undefined) this.#context ??= new AudioContext();
    void this.#context?.resume();
    measure(player, stream, this.#context);
  }

  #isAudible(analyser: AnalyserNode): boolean {
    analyser.getFloatTimeDomainData(this.#samples);
    let energy = 0;
    for (const sample of this.#samples) energy += sample * sample;
    return Math.sqrt(energy / this.#samples.length) > AUDIBLE;
  }

  #setTranslating(isTranslating: boolean): void {
    if (isTranslating === this.#isTranslating) return;
    this.#isTranslating = isTranslating;
    this.#emit('translating', isTranslating);
  }
}

function measure(player: Player, stream: MediaStream | undefined, context: AudioContext | undefined): void {
  player.source?.disconnect();
  player.stream = stream;
  player.source = player.analyser = undefined;
  if (stream === undefined || context === undefined) return;
  player.source = context.createMediaStreamSource(stream);
  player.analyser = new AnalyserNode(context, { fftSize: MEASURED_SAMPLES });
  player.source.connect(player.analyser);
}

function setVolume({ element, role, volume, wasMuted }: Player): void {
  element.volume = volume;
  if (Math.abs(element.volume - volume) > 0.01)
    element.muted = wasMuted || role === 'unheard' || volume < MUTED_BELOW;
}

function between0And1(value: number): number {
  return Math.min(1, Math.max(0, value));
}
