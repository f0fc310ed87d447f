/** One thing that is remembered. `stage3`: an answer to a question, found in other memories. */
export type Memory = {
  readonly id: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
} & (
  | { readonly source: 'memory' }
  | { readonly source: 'stage3'; readonly index: number; readonly question: string; readonly answer: string }
);
