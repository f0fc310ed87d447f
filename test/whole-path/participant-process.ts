import { type ChildProcess, fork } from 'node:child_process';
import type { ParticipantOrder, ParticipantReport } from '../../src/cli/demo/messages.js';
import { PARLEY } from '../browser/cli-process.js';

/**
 * Somebody in a meeting: a process of its own with the real SDK, who says phrases of the book and recognises what it hears.
 */
export class ParticipantProcess {
  readonly reports: ParticipantReport[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** Killed after `deadlineMs`. */
  constructor(order: ParticipantOrder & { kind: 'join' }, deadlineMs: number) {
    this.#child = fork(PARLEY, ['demo-participant'], {
      execArgv: [],
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
