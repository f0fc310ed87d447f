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

/** A metric that only grows. */
export function counter(name: string, help: string, value: number): Metric {
  return { name, help, kind: 'counter', value };
}

/** A metric of how things are now. */
export function gauge(name: string, help: string, value: number): Metric {
  return { name, help, kind: 'gauge', value };
}
