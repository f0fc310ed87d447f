/** Whether any of several voices sounds at present: what the listener hears of the interpreter, not what is announced. */

const LOOK_MS = 40;
/** Louder than this is heard (-50 dBFS). */
const AUDIBLE = 0.00316;
/** Between two words nobody wants the originals back. */
const HOLD_MS = 600;

export class Sounding {
  #context = new AudioContext();
  #onChange;
  /** @type {Map<string, { source: MediaStreamAudioSourceNode, analyser: AnalyserNode }>} */
  #voices = new Map();
  #samples = new Float32Array(2_048);
  #lastHeardMs = -Infinity;
  #isSounding = false;
  #timer;

  /** @param {(isSounding: boolean) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /**
   * @param {string} id
   * @param {MediaStream | undefined} stream undefined when there is none any more
   */
  set(id, stream) {
    this.#voices.get(id)?.source.disconnect();
    this.#voices.delete(id);
    if (stream === undefined) return;
    void this.#context.resume();
    const source = this.#context.createMediaStreamSource(stream);
    const analyser = new AnalyserNode(this.#context, { fftSize: this.#samples.length });
    source.connect(analyser);
    this.#voices.set(id, { source, analyser });
  }

  close() {
    clearInterval(this.#timer);
    for (const id of [...this.#voices.keys()]) this.set(id, undefined);
    void this.#context.close();
  }

  #look() {
    const nowMs = performance.now();
    for (const { analyser } of this.#voices.values()) {
      analyser.getFloatTimeDomainData(this.#samples);
      let energy = 0;
      for (const sample of this.#samples) energy += sample * sample;
      if (Math.sqrt(energy / this.#samples.length) > AUDIBLE) this.#lastHeardMs = nowMs;
    }
    const isSounding = nowMs - this.#lastHeardMs < HOLD_MS;
    if (isSounding === this.#isSounding) return;
    this.#isSounding = isSounding;
    this.#onChange(isSounding);
  }
}
