/** What one check of `parley doctor` found, and what to do about it. */

/** `note`: nothing is wrong, something is not set up. */
export type Finding = { kind: 'ok' | 'note' | 'problem'; text: string };

export const ok = (text: string): Finding => ({ kind: 'ok', text });
export const note = (text: string): Finding => ({ kind: 'note', text });
export const problem = (text: string): Finding => ({ kind: 'problem', text });

/** Beyond this, services begin to take fresh tokens for expired ones or ones of the future. */
const MAX_SKEW_SECONDS = 30;

/** Whether a Node version is at least the one that package.json asks for with `>=`. */
export function nodeFinding(version: string, engines: string): Finding {
  const wanted = engines.replace(/^>=\s*/, '');
  const [have, need] = [version, wanted].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (have![part] ?? 0) - (need![part] ?? 0);
    if (difference > 0) break;
    if (difference < 0) return problem(`${version} is too old: install Node ${wanted} or later`);
  }
  return ok(version);
}

/** Compares this machine's clock with the `Date` (whole seconds) of an answer, which was read within `roundTripMs`. */
export function clockFinding(
  answer: { date: string | undefined; host: string; roundTripMs: number } | undefined,
  epochMs: number,
): Finding {
  if (answer === undefined) return note('not compared with another one: no service is set up');
  const theirsMs = Date.parse(answer.date ?? '');
  if (Number.isNaN(theirsMs)) return note(`not compared: ${answer.host} does not tell the time`);
  const skewSeconds = (epochMs - answer.roundTripMs / 2 - (theirsMs + 500)) / 1000;
  const rounded = Math.round(Math.abs(skewSeconds));
  if (rounded <= MAX_SKEW_SECONDS) return ok(`within ${Math.max(1, rounded)} s of that of ${answer.host}`);
  const side = skewSeconds > 0 ? 'ahead of' : 'behind';
  return problem(`${rounded} s ${side} that of ${answer.host}: tokens will be refused; set it (NTP)`);
}
