/** Everyone who is registered: an e-mail address is one user, whatever is said of them later. */
import type { Clock } from '../../clock.js';
import { Person } from './person.js';
import { REFUSALS } from './refusal.js';
import type { RegisterRequest } from './requests.js';

const MAX_PEOPLE = 10_000;

export class People {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Person>();
  readonly #byEmail = new Map<string, Person>();
  #ids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(userId: string): Person | undefined {
    return this.#byId.get(userId);
  }

  /** @throws FastinoRefusal `USER_NOT_FOUND` */
  require(userId: string): Person {
    const person = this.find(userId);
    if (person === undefined) throw REFUSALS.unknownUser(userId);
    return person;
  }

  /** Makes a user, or finds the one of this address and merges the traits. @throws FastinoRefusal */
  register({ email, user_id: wantedId, traits }: RegisterRequest): Person {
    const person = this.#byEmail.get(email.toLowerCase()) ?? this.#create(email, wantedId);
    person.merge(traits);
    return person;
  }

  #create(email: string, wantedId: string | undefined): Person {
    if (wantedId !== undefined && this.#byId.has(wantedId)) throw REFUSALS.takenId(wantedId);
    if (this.#byId.size >= MAX_PEOPLE) throw REFUSALS.full('users');
    const person = new Person({
      userId: wantedId ?? this.#newUserId(),
      email,
      createdAtMs: this.#clock.epochMs(),
      nextId: (prefix) => `${prefix}_${++this.#ids}`,
    });
    this.#byId.set(person.userId, person);
    this.#byEmail.set(email.toLowerCase(), person);
    return person;
  }

  #newUserId(): string {
    for (;;) {
      const hex = Math.floor(this.#clock.random() * 0x1_00_00_00).toString(16);
      const userId = `usr_${hex.padStart(6, '0')}`;
      if (!this.#byId.has(userId)) return userId;
    }
  }
}
