/** Shows on the button of the microphone that one is heard: the level of what is sent, and nothing else of it. */
import { meterPercent } from './microphone-check.js';

const INTERVAL_MS = 80;

export class OwnLevel {
  #element;
  #track;
  /** @type {AudioContext | undefined} */
  #context;
  /** @type {AudioNode | undefined} */
  #source;
  /** @type {MediaStreamTrack | undefined} */
  #measured;
  #analyser;
  /** @type {Float32Array<ArrayBuffer>} */
  #samples = new Float32Array(2048);
  #timer;

  /**
   * @param {HTMLElement} element whose property `--level` is set
   * @param {() => MediaStreamTrack | undefined} track what is sent at present
   */
  constructor(element, track) {
    this.#element = element;
    this.#track = track;
    this.#context = new AudioContext();
    this.#analyser = new AnalyserNode(this.#context, { fftSize: this.#samples.length });
    this.#timer = setInterval(() => this.#measure(), INTERVAL_MS);
  }

  close() {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    void this.#context?.close();
    this.#context = undefined;
    this.#element.style.setProperty('--level', '0%');
  }

  #measure() {
    const track = this.#track();
    if (track !== this.#measured) this.#follow(track);
    let energy = 0;
    if (track !== undefined) {
      this.#analyser.getFloatTimeDomainData(this.#samples);
      for (const sample of this.#samples) energy += sample * sample;
    }
    const percent = meterPercent(Math.sqrt(energy / this.#samples.length));
    this.#element.style.setProperty('--level', `${percent}%`);
  }

  /** @param {MediaStreamTrack | undefined} track */
  #follow(track) {
    this.#source?.disconnect();
    this.#measured = track;
    this.#source = undefined;
    if (track === undefined || this.#context === undefined) return;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }
}
