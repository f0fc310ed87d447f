/**
 * What signalling may tell the SDK. The SDK keeps its tables in plain objects, by participants' ids: under an id such as
 * `toString` it would find what every object of this process shares, and write to it. So nothing reaches it that is about
 * such a participant.
 */
import { INHERITED_NAMES, isInheritedName } from '../../inherited-names.js';

/** A packet of socket.io with an event (42) or an acknowledgement (43), up to its JSON. */
const PACKET = /^4([23])(?:\/[^,[]*,)?\d*(?=\[)/;
/** Where the protocol names a participant. */
const ID_FIELDS = ['id', 'peerId', 'participantId', 'senderId'] as const;
/** What participants wrote themselves: the SDK hands it on as it is. */
const FREE_FIELDS: ReadonlySet<string> = new Set(['metaData', 'appData']);
/** Text in which such a name may stand, escapes included; other packets need not be read. */
const SUSPICIOUS = new RegExp(`\\\\u|"(?:${[...INHERITED_NAMES].join('|')})"`);

/** A message as the SDK may have it (`undefined`: not at all), and the ids that were taken out. */
export type FilteredMessage = { text: string | undefined; leftOut: readonly string[] };

/** Leaves out of one message of signalling what is about participants with inherited names for ids. */
export function withoutInheritedIds(text: string): FilteredMessage {
  const packet = PACKET.exec(text);
  if (packet === null || !SUSPICIOUS.test(text)) return { text, leftOut: [] };
  const head = packet[0];
  let values: unknown;
  try {
    values = JSON.parse(text.slice(head.length));
  } catch {
    return { text, leftOut: [] }; // the SDK refuses it by itself
  }
  if (!Array.isArray(values)) return { text, leftOut: [] };
  const leftOut: string[] = [];
  const about = values.map(idOf).find((id) => id !== undefined);
  if (about !== undefined && packet[1] === '2') return { text: undefined, leftOut: [about] };
  const clean = cleaned(values, leftOut);
  return leftOut.length === 0 ? { text, leftOut } : { text: head + JSON.stringify(clean), leftOut };
}

/** The inherited name that an object has for its participant's id. */
function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const field of ID_FIELDS) {
    const id = Object.hasOwn(value, field) ? (value as Record<string, unknown>)[field] : undefined;
    if (typeof id === 'string' && isInheritedName(id)) return id;
  }
  return undefined;
}

/** A copy without such participants, whether they stand in a list, in a field, or are the key of one. */
function cleaned(value: unknown, leftOut: string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isWanted = (name: string | undefined): boolean => {
    if (name !== undefined) leftOut.push(name);
    return name === undefined;
  };
  if (Array.isArray(value)) {
    const named = (entry: unknown): string | undefined =>
      typeof entry === 'string' && isInheritedName(entry) ? entry : idOf(entry);
    return value.filter((entry) => isWanted(named(entry))).map((entry) => cleaned(entry, leftOut));
  }
  const fields = Object.entries(value).filter(([name, field]) =>
    isWanted(isInheritedName(name) ? name : FREE_FIELDS.has(name) ? undefined : idOf(field)),
  );
  return Object.fromEntries(
    fields.map(([name, field]) => [name, FREE_FIELDS.has(name) ? field : cleaned(field, leftOut)]),
  );
}
