/** Which memories fit what is being said. Pure: equal memories and words give equal chunks. */
import type { Memory } from './memory.js';
import { wordsOf } from './words.js';

/** What a conversation scores that has no word in common with anything that is known: the broad end of the scale. */
const NOTHING_IN_COMMON = 0.25;

/** A memory and how well it fits, from 0 to 1. */
export type Match = { memory: Memory; score: number };

/** What was looked for, and what was found, the best first and of equals the latest. */
type Retrieval = { usedWords: readonly string[]; candidateCount: number; matches: readonly Match[] };

/**
 * A memory's score is how much of what the texts and all memories have in common stands in it; words that few memories hold
 * count more. Texts that have nothing in common with any memory find the latest ones.
 */
export function retrieve(
  memories: readonly Memory[],
  texts: readonly string[],
  limits: { k: number; similarityThreshold: number; excludeIds: readonly string[] },
): Retrieval {
  const wordsByMemory = new Map(memories.map((memory) => [memory, wordsOf(memory.text)]));
  const weights = new Map<string, number>();
  for (const word of wordsOf(texts.join('\n'))) {
    const holders = memories.filter((memory) => wordsByMemory.get(memory)!.has(word)).length;
    if (holders > 0) weights.set(word, Math.log(1 + memories.length / holders));
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const scoreOf = (memory: Memory): number => {
    if (total === 0) return NOTHING_IN_COMMON;
    const words = wordsByMemory.get(memory)!;
    let score = 0;
    for (const [word, weight] of weights) if (words.has(word)) score += weight;
    return Math.round((score / total) * 1_000) / 1_000;
  };
  const candidates = memories
    .filter(({ id }) => !limits.excludeIds.includes(id))
    .map((memory) => ({ memory, score: scoreOf(memory) }));
  const matches = candidates
    .filter(({ score }) => score >= limits.similarityThreshold && score > 0)
    .reverse() // the latest first; the sort keeps that order among equals
    .sort((a, b) => b.score - a.score)
    .slice(0, limits.k);
  return { usedWords: [...weights.keys()], candidateCount: candidates.length, matches };
}
