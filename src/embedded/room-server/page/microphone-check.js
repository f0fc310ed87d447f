/** Listens to the person's own microphone before the meeting and shows its level. Nothing leaves the page. */
import { text } from './texts.js';

/**
 * @typedef {object} CheckElements
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} meter an element of the role meter
 * @property {HTMLElement} status
 */

/** A level at which somebody speaks, as RMS of full scale. */
const SPEECH_RMS = 0.01;
/** The quietest and the loudest level that the meter shows. */
const QUIETEST_DBFS = -60;
const LOUDEST_DBFS = -10;
const QUIET_AFTER_MS = 4_000;
const INTERVAL_MS = 60;

export class MicrophoneCheck {
  #elements;
  /** @type {MediaStream | undefined} */
  #stream;
  /** @type {AudioContext | undefined} */
  #context;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {CheckElements} elements */
  constructor(elements) {
    this.#elements = elements;
    elements.button.addEventListener('click', () => {
      if (this.#stream === undefined) void this.#start();
      else this.stop();
    });
  }

  /** Ends the check and lets go of the microphone. */
  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = undefined;
    void this.#context?.close();
    this.#context = undefined;
    this.#elements.meter.hidden = true;
    this.#elements.button.textContent = text('join.check');
    this.#say('');
  }

  async #start() {
    this.#elements.button.disabled = true;
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      this.#watch(this.#stream);
    } catch (error) {
      this.#say(microphoneProblem(error));
    }
    this.#elements.button.disabled = false;
  }

  /** @param {MediaStream} stream */
  #watch(stream) {
    const { button, meter } = this.#elements;
    button.textContent = text('join.stopCheck');
    meter.hidden = false;
    this.#say(text('check.say'));
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    this.#context = context;
    const samples = new Float32Array(analyser.fftSize);
    const label = stream.getAudioTracks()[0]?.label ?? '';
    const startedMs = performance.now();
    let wasHeard = false;
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      const percent = meterPercent(rms);
      meter.style.setProperty('--level', `${percent}%`);
      meter.setAttribute('aria-valuenow', String(percent));
      if (!wasHeard && rms >= SPEECH_RMS) {
        wasHeard = true;
        this.#say(label === '' ? text('check.heard') : text('check.heardBy', { device: label }));
      } else if (!wasHeard && performance.now() - startedMs > QUIET_AFTER_MS) {
        this.#say(text('check.silent'));
      }
    }, INTERVAL_MS);
  }

  /** @param {string} words */
  #say(words) {
    if (this.#elements.status.textContent !== words) this.#elements.status.textContent = words;
  }
}

/**
 * Where a level stands between the quietest and the loudest that is shown.
 * @param {number} rms of full scale
 */
export function meterPercent(rms) {
  const dbfs = 20 * Math.log10(rms);
  const share = (dbfs - QUIETEST_DBFS) / (LOUDEST_DBFS - QUIETEST_DBFS);
  return Math.round(100 * Math.min(1, Math.max(0, share)));
}

/**
 * Why there is no microphone and what to do, for a person.
 * @param {unknown} error what `getUserMedia` rejected with
 */
export function microphoneProblem(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return text('mic.notAllowed');
  if (name === 'NotFoundError') return text('mic.notFound');
  if (name === 'NotReadableError') return text('mic.inUse');
  return text('mic.broken');
}

/**
 * Whether there is a microphone that we may use. Asks the person when that is open.
 * @returns {Promise<string | undefined>} what to tell the person when there is none
 */
export async function probeMicrophone() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    stream.getTracks().forEach((track) => track.stop());
    return undefined;
  } catch (error) {
    return microphoneProblem(error);
  }
}
