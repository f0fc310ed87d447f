import { systemClock } from '../../clock.js';
import type { CliIo } from '../io.js';
import { LineView } from './line-view.js';
import { LiveView } from './live-view.js';
import type { TerminalView } from './view.js';

/** A live picture on a terminal, a line per event anywhere else. */
export function terminalView(io: CliIo): TerminalView {
  const write = (text: string): void => io.out(text);
  if (io.columns === undefined || io.env['TERM'] === 'dumb') return new LineView(write);
  return new LiveView({
    write,
    size: () => ({ columns: io.columns ?? 80, rows: io.rows ?? 24 }),
    clock: systemClock,
    colour: (io.env['NO_COLOR'] ?? '') === '',
  });
}
