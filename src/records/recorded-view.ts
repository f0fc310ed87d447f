/** What a record keeps of what `parley join` tells. */
import type { JoinEvent, JoinView } from '../bot/events.js';
import type { RecordFile } from './record-file.js';

/** Events of the moment, and what a session is told about people, are not kept. */
const KEPT: ReadonlySet<JoinEvent['type']> = new Set([
  'started',
  'state',
  'joined',
  'changed',
  'left',
  'caption',
  'playback',
  'notice',
  'ended',
]);

/** Shows everything in `view`, and writes into `file` what a record keeps: of captions the final ones. */
export class RecordedView implements JoinView {
  readonly #view: JoinView;
  readonly #file: Pick<RecordFile, 'write'>;

  constructor(view: JoinView, file: Pick<RecordFile, 'write'>) {
    this.#view = view;
    this.#file = file;
  }

  show(event: JoinEvent): void {
    this.#view.show(event);
    if (KEPT.has(event.type) && !(event.type === 'caption' && !event.final))
      this.#file.write(JSON.stringify(event));
  }

  level(participantId: string, levelDbfs: number): void {
    this.#view.level(participantId, levelDbfs);
  }

  close(): void {
    this.#view.close();
  }
}
