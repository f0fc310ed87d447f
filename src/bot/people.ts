import { BoundedMap } from '../bounded-map.js';
import { ROOM_SPEAKER_ID } from '../interpreter/plan/two-way.js';
import type { JoinEvent, JoinPerson } from './events.js';

/** Names of those who left are kept for what is still told of them, up to here. */
const MAX_REMEMBERED = 500;

/** Who is here, and what everyone who was is called. */
export class People {
  readonly #present = new Map<string, JoinPerson>();
  readonly #names = new BoundedMap<string>(MAX_REMEMBERED);

  /** Everyone who is here, in the order in which they came. */
  get present(): readonly JoinPerson[] {
    return [...this.#present.values()];
  }

  follow(event: JoinEvent): void {
    if (event.type === 'left') this.#present.delete(event.person.id);
    if (event.type !== 'joined' && event.type !== 'changed') return;
    const { person } = event;
    this.#present.set(person.id, person);
    this.#names.set(person.id, person.name);
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? (id === ROOM_SPEAKER_ID ? 'The room' : 'Somebody');
  }
}
