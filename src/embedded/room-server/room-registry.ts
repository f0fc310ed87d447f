/** Which rooms exist. A room has an id of its own and may have one that its owner chose; both lead to it. */
import { randomInt } from 'node:crypto';
import { isInheritedName } from '../../inherited-names.js';
import { REFUSALS } from './signalling/refusal.js';

const MAX_ROOMS = 1_000;
/** Of them, what whoever opens the start page may make. */
const MAX_PAGE_ROOMS = 200;
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** First segments of paths that are not meetings. */
const RESERVED = new Set(['assets', 'infra', 'new', 'phrases', 'ping', 'pubsub', 'v2']);

/** A room as the REST API tells of it. */
export type RoomRecord = {
  readonly roomId: string;
  readonly customRoomId?: string;
  readonly createdAtMs: number;
};

/** Whether a text can be a room's id: it stands in addresses, unescaped. */
export function isRoomId(text: string): boolean {
  return /^[\w-]{3,64}$/.test(text) && !RESERVED.has(text) && !isInheritedName(text);
}

function newRoomId(): string {
  const letters = (count: number): string =>
    Array.from({ length: count }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('');
  return [letters(4), letters(4), letters(4)].join('-');
}

export class RoomRegistry {
  readonly #byId = new Map<string, RoomRecord>();
  #count = 0;
  #pageCount = 0;

  /**
   * Makes a room, or finds the one of this custom id.
   * @throws Refusal when the custom id cannot be one, or when there are too many rooms
   */
  create(createdAtMs: number, customRoomId?: string): RoomRecord {
    if (customRoomId !== undefined) {
      if (!isRoomId(customRoomId)) {
        throw REFUSALS.badRequest('A customRoomId is made of 3 to 64 letters, digits, - and _.');
      }
      const known = this.#byId.get(customRoomId);
      if (known !== undefined) return known;
    }
    if (this.#count >= MAX_ROOMS) throw REFUSALS.badRequest(`At most ${MAX_ROOMS} rooms can exist.`);
    let roomId = newRoomId();
    while (this.#byId.has(roomId)) roomId = newRoomId();
    const record = { roomId, ...(customRoomId === undefined ? {} : { customRoomId }), createdAtMs };
    this.#byId.set(roomId, record);
    if (customRoomId !== undefined) this.#byId.set(customRoomId, record);
    this.#count++;
    return record;
  }

  /**
   * Makes a room for whoever opened the start page.
   * @throws Refusal when so many were made
   */
  createForPage(createdAtMs: number): RoomRecord {
    if (this.#pageCount >= MAX_PAGE_ROOMS)
      throw REFUSALS.badRequest(`At most ${MAX_PAGE_ROOMS} meetings can be made here.`);
    this.#pageCount++;
    return this.create(createdAtMs);
  }

  /** The room of an id or a custom id. */
  find(id: string): RoomRecord | undefined {
    return this.#byId.get(id);
  }

  /** Every room, oldest first. */
  all(): readonly RoomRecord[] {
    return [...new Set(this.#byId.values())];
  }
}
