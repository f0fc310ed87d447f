/** What a meeting came to: decisions, tasks and open questions, each with where it was said. */
import { z } from 'zod';

const place = z.object({
  /** Of the transcript: the id of the caption's segment. */
  segment: z.string(),
  speaker: z.string(),
  /** Milliseconds since the meeting's record begins. */
  atMs: z.number(),
  /** What was said there, in the language of the minutes where it was translated into that. Untrusted. */
  text: z.string(),
});
const item = { text: z.string(), places: z.array(place) };

/** Minutes in one language. Version 1: fields may be added, none changes. Every text is untrusted. */
export const minutesSchema = z.object({
  v: z.literal(1),
  meetingId: z.string(),
  startedAt: z.string(),
  /** A BCP 47 tag. */
  language: z.string(),
  /** A model's name, or `extract`: put together without one. */
  madeBy: z.string(),
  people: z.array(z.object({ name: z.string(), spokeMs: z.number() })),
  decisions: z.array(z.object(item)),
  tasks: z.array(z.object({ ...item, who: z.string().optional(), due: z.string().optional() })),
  questions: z.array(z.object(item)),
  /** Notes that were taken and are none of the above. */
  notes: z.array(z.object({ text: z.string() })),
  /** What a model gave without a place in the transcript that exists, and was left out. */
  leftOut: z.int(),
});
export type Minutes = z.infer<typeof minutesSchema>;
/** Where something was said. */
export type MinutesPlace = z.infer<typeof place>;
/** A decision or question. */
export type MinutesItem = Minutes['decisions'][number];
/** A task. */
export type MinutesTask = Minutes['tasks'][number];
