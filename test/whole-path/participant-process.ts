import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ParticipantOrder, ParticipantReport } from '../../src/cli/demo/messages.js';

const REGISTER = fileURLToPath(new URL('../room/videosdk/children/register.mjs', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/**
 * Somebody in a meeting: a process of its own with the real SDK, who says phrases of the book and recognises what it hears.
 */
export class ParticipantProcess {
  readonly reports: ParticipantReport[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** Killed after `deadlineMs`. */
  constructor(order: ParticipantOrder & { kind: 'join' }, deadlineMs: number) {
    this.#child = fork(MAIN, ['demo-participant'], {
      execArgv: ['--import', REGISTER],
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), deadlineMs);
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve)).then(() => {
      clearTimeout(timer);
    });
    this.#child.on('message', (report: ParticipantReport) => this.reports.push(report));
    this.order(order);
  }

  order(order: ParticipantOrder): void {
    this.#child.send(order);
  }

  /** Phrases of the book that this one heard from the interpreter, as `phrase/language`. */
  heard(): string[] {
    return this.reports.flatMap((report) =>
      report.kind === 'heard'
        ? report.phrases.map(({ phraseId, language }) => `${phraseId}/${language}`)
        : [],
    );
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
