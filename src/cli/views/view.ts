import type { JoinView } from '../../bot/events.js';

/** A view that can also be told lines of its command's own. */
export interface TerminalView extends JoinView {
  note(text: string): void;
}
