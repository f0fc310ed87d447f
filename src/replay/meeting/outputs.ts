import { join } from 'node:path';
import { fileBase } from '../output/outputs.js';

/** Where a meeting's results go: all in one folder, beside each other, named after the meeting. */
export class MeetingOutputs {
  readonly #outDir: string;
  readonly #base: string;
  readonly #paths = new Set<string>();

  constructor(outDir: string, meetingName: string) {
    this.#outDir = outDir;
    this.#base = fileBase(meetingName);
  }

  get report(): string {
    return this.#path('report.html');
  }

  get events(): string {
    return this.#path('events.jsonl');
  }

  /** Everyone's microphones together. */
  get original(): string {
    return this.#path('original.wav');
  }

  /** The voice that speaks this language; the only one, without. */
  voice(language: string | undefined): string {
    return this.#path(language === undefined ? 'voice.wav' : `voice.${language}.wav`);
  }

  captions(language: string, format: 'vtt' | 'srt'): string {
    return this.#path(`${language}.${format}`);
  }

  /** Every path that was asked for. */
  get all(): readonly string[] {
    return [...this.#paths];
  }

  #path(suffix: string): string {
    const path = join(this.#outDir, `${this.#base}.${suffix}`);
    this.#paths.add(path);
    return path;
  }
}
