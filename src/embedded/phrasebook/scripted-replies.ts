import type { ReplyScript, ScriptedReply } from '../realtime-server/index.js';
import { normaliseText } from './responders.js';

/** A call as a rule names it; `arguments` is made JSON text. */
export type ScriptedCall = { name: string; arguments: unknown };

/** One rule of a script: what is heard, or what a function gave back, and what follows of it. */
export type ScriptedRule = {
  /** What it says: a phrase of the phrasebook in the language that the instructions ask for, other texts as they are. */
  say?: string;
  /** What it calls, side by side. */
  calls?: readonly ScriptedCall[];
} & (
  | {
      /** Part of what the user said, in any of the phrase's languages; case, accents and punctuation aside. */
      heard: string | readonly string[];
    }
  | {
      /** The function whose result is to be answered. */
      after: string;
      /** Part of what it gave back; absent: whatever that was. */
      gave?: string;
    }
);

/**
 * A script for the embedded Realtime server, which understands nothing: of the rules that fit, the first is followed. What no rule
 * fits is left to the server's responder; with `onlyWithTools`, so is every session that has no tools, as those that interpret.
 */
export function scriptedReplies(
  rules: readonly ScriptedRule[],
  { onlyWithTools = false }: { onlyWithTools?: boolean } = {},
): ReplyScript {
  const heardRules = rules.flatMap((rule) =>
    'heard' in rule ? [{ phrases: [rule.heard].flat().map(normaliseText), reply: replyOf(rule) }] : [],
  );
  const resultRules = rules.flatMap((rule) => ('after' in rule ? [{ ...rule, reply: replyOf(rule) }] : []));
  return {
    onUserText(text, toolNames) {
      if (onlyWithTools && toolNames.length === 0) return undefined;
      const said = ` ${normaliseText(text)} `;
      return heardRules.find(({ phrases }) => phrases.some((phrase) => said.includes(` ${phrase} `)))?.reply;
    },
    onFunctionResults(results) {
      return resultRules.find(({ after, gave = '' }) =>
        results.some(({ name, output }) => name === after && output.includes(gave)),
      )?.reply;
    },
  };
}

function replyOf({ say, calls }: ScriptedRule): ScriptedReply {
  return {
    ...(say === undefined ? {} : { say }),
    ...(calls === undefined
      ? {}
      : {
          calls: calls.map((call) => ({ name: call.name, arguments: JSON.stringify(call.arguments ?? {}) })),
        }),
  };
}
