/** What an agent does in a room, whatever room it is. */
import { expect } from 'vitest';

/** A meeting with the agent in it, and Emma, who speaks Spanish. */
export type AgentMeeting = {
  /** What the agent's program has printed. */
  readonly lines: readonly string[];
  /** Phrases that Emma has heard, as `phrase/language`. */
  heard(): readonly string[];
  /** Emma says a phrase of the book, and it has this effect. */
  sayUntil(phraseId: string, what: string, condition: () => boolean): Promise<void>;
  /** Emma leaves. */
  leave(): void;
  /** Resolves when the condition holds. */
  until(what: string, condition: () => boolean): Promise<void>;
};

/** Emma asks, the agent's tool runs, she hears the answer; then she speaks over the agent, and leaves. */
export async function checkAgent(meeting: AgentMeeting): Promise<void> {
  const { lines } = meeting;
  const printed = (line: string) => (): boolean => lines.includes(line);
  await meeting.until('Emma is told', printed('joined: emma'));

  const ticket = 'ticket of Emma: where the station is';
  await meeting.sayUntil('where-is-the-station', 'the tool ran', printed(ticket));
  await meeting.until(
    'its output is known',
    printed('output: "I agree with you, but we need some more time."'),
  );
  await meeting.until(
    'the agent answered',
    printed('assistant: I agree with you, but we need some more time.'),
  );
  await meeting.until('Emma heard it', () => meeting.heard().includes('we-need-more-time/en'));
  expect(lines).toContain('user: ¿Dónde está la estación de tren más cercana?');

  const speeches = (): number => lines.filter((line) => line.startsWith('speaks')).length;
  const before = speeches();
  await meeting.sayUntil('send-the-report', 'the agent speaks again', () => speeches() > before);
  await meeting.sayUntil('can-you-hear-me', 'it was cut', printed('truncated'));

  meeting.leave();
  await meeting.until('that Emma left is told', printed('left: emma'));
  expect(lines.filter((line) => line.startsWith('error'))).toEqual([]);
}
