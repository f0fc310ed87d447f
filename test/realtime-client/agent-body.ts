/** What an agent does in a room, whatever room it is. */
import { expect } from 'vitest';

/** A meeting with the agent in it, and Emma, who speaks Spanish. */
export type AgentMeeting = {
  /** What the agent's program has printed. */
  readonly lines: readonly string[];
  /** Phrases that Emma has heard, as `phrase/language`. */
  heard(): readonly string[];
  /** Emma says a phrase of the book. */
  say(phraseId: string): void;
  /** Emma leaves. */
  leave(): void;
  /** Resolves when the condition holds. */
  until(what: string, condition: () => boolean): Promise<void>;
};

/** Emma asks, the agent's tool runs, she hears the answer; then she speaks over the agent, and leaves. */
export async function checkAgent(meeting: AgentMeeting): Promise<void> {
  const { lines, until } = meeting;
  const printed = (line: string) => (): boolean => lines.includes(line);
  await until('Emma is told', printed('joined: emma'));

  meeting.say('where-is-the-station');
  await until('the tool ran', printed('ticket of Emma: where the station is'));
  await until('its output is known', printed('output: "I agree with you, but we need some more time."'));
  await until('the agent answered', printed('assistant: I agree with you, but we need some more time.'));
  await until('Emma heard it', () => meeting.heard().includes('we-need-more-time/en'));
  expect(lines).toContain('user: ¿Dónde está la estación de tren más cercana?');
  expect(lines.filter((line) => line.startsWith('ticket'))).toHaveLength(1);
  expect(lines).not.toContain('truncated');

  meeting.say('send-the-report');
  await until('the agent speaks again', printed('speaks 2'));
  meeting.say('can-you-hear-me');
  await until('it was cut', printed('truncated'));
  expect(meeting.heard()).not.toContain('send-the-report/en');

  meeting.leave();
  await until('that Emma left is told', printed('left: emma'));
  expect(lines.filter((line) => line.startsWith('error'))).toEqual([]);
}
