/**
 * The port for what a host wants of a meeting that runs on another machine: an order goes to the worker that has the bot, and its
 * answer comes back.
 */

/** What is asked of a worker: something to be done to one of its bots. It is JSON, and holds no keys. */
export type Order = {
  readonly botId: string;
  readonly command: object;
  /** Of a change of settings: readers on every machine are told what became of it. */
  readonly revision?: number;
};

/** See the head of this file. */
export interface Orders {
  /**
   * Resolves with the worker's answer. Rejects with ParleyError: as the worker does, or `service_unavailable` where it does not
   * answer in time.
   */
  ask(workerId: string, order: Order): Promise<unknown>;
  /** Has orders to this worker answered, from now on until the returned function is called. */
  serve(workerId: string, answer: (order: Order) => Promise<unknown>): Promise<() => Promise<void>>;
}
