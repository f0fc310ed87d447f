/**
 * Which participants are interpreters. Only the server says so: it knows whose token was made for an interpreter. A name
 * or an id by itself proves nothing; an id that looks like an interpreter's is a reason to ask the server again.
 */

/** Participant ids of interpreters begin with this. */
const BOT_ID_PREFIX = 'parley-';
/** Messages that wait for the server's answer; more are dropped. */
const MAX_WAITING = 100;

/** @param {string} participantId */
export function looksLikeBot(participantId) {
  return participantId.startsWith(BOT_ID_PREFIX);
}

/** The ids that the server vouches for, kept up to date. */
export class Trust {
  /** @type {ReadonlySet<string>} */
  #botIds;
  #fetchBotIds;
  #onChange;
  #asking = false;
  /** Arrivals that make it necessary to ask, and how many of them the last answer covers. */
  #arrivals = 0;
  #answered = 0;
  /** @type {{ senderId: string, deliver: () => void }[]} */
  #waiting = [];

  /**
   * @param {readonly string[]} botIds
   * @param {() => Promise<readonly string[]>} fetchBotIds asks the server
   * @param {() => void} onChange
   */
  constructor(botIds, fetchBotIds, onChange) {
    this.#botIds = new Set(botIds);
    this.#fetchBotIds = fetchBotIds;
    this.#onChange = onChange;
  }

  /** @param {string} participantId */
  isBot(participantId) {
    return this.#botIds.has(participantId);
  }

  /**
   * Someone came. Asks the server when they may be an interpreter.
   * @param {string} participantId
   */
  met(participantId) {
    if (!looksLikeBot(participantId) || this.isBot(participantId)) return;
    this.#arrivals++;
    if (!this.#asking) void this.#ask();
  }

  /**
   * Calls `deliver` if `senderId` is an interpreter: at once, or after the answer that is being waited for.
   * @param {string} senderId
   * @param {() => void} deliver
   */
  fromBot(senderId, deliver) {
    if (this.isBot(senderId)) deliver();
    else if (this.#asking && looksLikeBot(senderId) && this.#waiting.length < MAX_WAITING) {
      this.#waiting.push({ senderId, deliver });
    }
  }

  async #ask() {
    this.#asking = true;
    while (this.#answered < this.#arrivals) {
      this.#answered = this.#arrivals;
      try {
        this.#botIds = new Set(await this.#fetchBotIds());
      } catch {
        // Whoever was an interpreter before stays one; nobody else becomes one.
      }
    }
    this.#asking = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#onChange();
    for (const { senderId, deliver } of waiting) if (this.isBot(senderId)) deliver();
  }
}
