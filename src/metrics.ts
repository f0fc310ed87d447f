/**
 * One number that can be watched while a meeting runs: plain data, ready for a status page or for Prometheus.
 * `counter` only grows; `gauge` is as things are now.
 */
export type Metric = {
  /** Snake case, with the unit at the end where there is one: `audio_dropped_ms`. */
  readonly name: string;
  /** What is counted, in one sentence. */
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly value: number;
};
