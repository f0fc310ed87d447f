/** What the service counts, for Prometheus. No meeting, person or workspace is in a label. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StreamCounts } from './events/live-feeds.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The counters of one service. */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'route' | 'status'>;
  readonly #states: Counter<'state'>;
  readonly #restarts: Counter<'reason'>;
  readonly #joined: Histogram;
  readonly #deliveries: Counter<'result'>;

  constructor() {
    const registers = [this.#registry];
    this.#requests = new Histogram({
      ...{ name: 'parley_http_request_seconds', help: 'Answers to requests.', registers },
      ...{ labelNames: ['route', 'status'], buckets: SECONDS },
    });
    this.#states = new Counter({
      ...{
        name: 'parley_bot_states_total',
        help: 'States that bots came into.',
        labelNames: ['state'],
        registers,
      },
    });
    this.#restarts = new Counter({
      ...{
        name: 'parley_meeting_restarts_total',
        help: 'Processes of meetings that were replaced.',
        registers,
      },
      labelNames: ['reason'],
    });
    this.#joined = new Histogram({
      ...{
        name: 'parley_invite_to_joined_seconds',
        help: 'From an invitation to being in the meeting.',
        registers,
      },
      buckets: SECONDS,
    });
    this.#deliveries = new Counter({
      ...{ name: 'parley_webhook_deliveries_total', help: 'Tries to deliver webhooks.', registers },
      labelNames: ['result'],
    });
    this.gauge('process_resident_memory_bytes', 'Memory of this process.', () => process.memoryUsage.rss());
  }

  /** An answer to a request; `route` is a pattern, never a path with ids. */
  answered({ route, status, durationMs }: { route: string; status: number; durationMs: number }): void {
    this.#requests.observe({ route, status: `${Math.floor(status / 100)}xx` }, durationMs / 1_000);
  }

  botState(state: string): void {
    this.#states.inc({ state });
  }

  restarted(reason: string): void {
    this.#restarts.inc({ reason });
  }

  joined(seconds: number): void {
    this.#joined.observe(seconds);
  }

  delivery(result: string): void {
    this.#deliveries.inc({ result });
  }

  /** Numbers that are asked for when somebody looks. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, registers: [this.#registry] },
      collect: async () => {
        gauge.set(await read());
      },
    });
  }

  /** What is counted of event streams. */
  streams(counts: () => StreamCounts): void {
    this.gauge('parley_sse_clients', 'Event streams that are open.', () => counts().open);
    this.gauge(
      'parley_sse_closed_slow',
      'Event streams that were closed since nobody read them.',
      () => counts().closedSlow,
    );
    this.gauge(
      'parley_sse_coalesced',
      'Events that slow readers did not get, as later ones replaced them.',
      () => counts().coalesced,
    );
    this.gauge('parley_sse_refused', 'Event streams that were one too many.', () => counts().refused);
  }

  /** All of it, as Prometheus reads it. */
  async text(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
