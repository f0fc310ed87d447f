/** Ids of the shape the API uses, drawn from the clock so that seeded runs are identical. */
import type { Clock } from '../../../clock.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const CHARACTERS_PER_DRAW = 5; // 62^5 < 2^32: one draw of the clock's 32 random bits
const DRAWS = 4;

/** What an id names. */
export type IdPrefix = 'sess' | 'conv' | 'item' | 'resp' | 'event' | 'call' | 'live' | 'dlg';

/** A fresh id such as `item_Xk3…`: the prefix and 20 letters or digits (about 119 bits). */
export function newId(clock: Clock, prefix: IdPrefix): string {
  let text = `${prefix}_`;
  for (let draw = 0; draw < DRAWS; draw++) {
    let bits = Math.floor(clock.random() * ALPHABET.length ** CHARACTERS_PER_DRAW);
    for (let character = 0; character < CHARACTERS_PER_DRAW; character++) {
      text += ALPHABET[bits % ALPHABET.length]!;
      bits = Math.floor(bits / ALPHABET.length);
    }
  }
  return text;
}
