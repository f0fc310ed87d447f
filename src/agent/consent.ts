/** Whether somebody's words are for the agent. Pure. */

/**
 * Whether what a participant says may be read by the agent, and stand in notes and minutes: their own word, `metaData.parleyAgent`,
 * which is true unless it says `false`. They are interpreted all the same.
 */
export function agreesToAgent(metadata: Readonly<Record<string, unknown>>): boolean {
  return metadata['parleyAgent'] !== false;
}
