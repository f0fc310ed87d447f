import { cleanUntrusted } from '../../interpreter/instructions/untrusted-text.js';
import type { KnowledgeBlock } from '../built-in/agent-meeting.js';

/** As long as lines are that the model is told. */
const LINE_CHARS = 400;
/** As many lines as it is told: of more, the newest. */
const MAX_LINES = 20;
/** Of one message. */
export const MAX_TOLD_CHARS = 4_000;

/** What a host's program has told the agent without asking it anything: the model knows it at every question from then on. */
export class ToldMessages {
  #messages: readonly string[];

  constructor(messages: readonly string[] = []) {
    this.#messages = bounded(messages);
  }

  /** Oldest first, as far as they are kept. */
  get all(): readonly string[] {
    return this.#messages;
  }

  add(text: string): void {
    this.#messages = bounded([...this.#messages, text]);
  }

  /** What the model is told; none where there is nothing. */
  get blocks(): readonly KnowledgeBlock[] {
    const lines = this.#messages.flatMap(linesOf).slice(-MAX_LINES);
    return lines.length === 0 ? [] : [{ title: 'Told by the host’s program', lines }];
  }
}

/** The newest, as many as the model can be told of. */
function bounded(messages: readonly string[]): readonly string[] {
  let lines = 0;
  const fitting = messages.toReversed().filter((text) => (lines += linesOf(text).length) <= MAX_LINES);
  return fitting.toReversed();
}

/** A text in pieces that are told whole. */
function linesOf(text: string): string[] {
  const characters = Array.from(cleanUntrusted(text, MAX_TOLD_CHARS).replace(/\s+/gu, ' '));
  const lines: string[] = [];
  for (let from = 0; from < characters.length; from += LINE_CHARS)
    lines.push(characters.slice(from, from + LINE_CHARS).join(''));
  return lines;
}
