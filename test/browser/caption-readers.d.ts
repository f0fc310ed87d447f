/** Readers of captions that say nothing of their types. */
declare module 'node-webvtt' {
  const webvtt: {
    parse(
      text: string,
      options: { strict: boolean },
    ): {
      valid: boolean;
      errors: readonly unknown[];
      cues: readonly { start: number; end: number; text: string }[];
    };
  };
  export = webvtt;
}

declare module 'webvtt-parser' {
  export class WebVTTParser {
    constructor(entities: Readonly<Record<string, string>>);
    parse(
      text: string,
      mode: string,
    ): {
      cues: readonly { startTime: number; endTime: number; text: string }[];
      errors: readonly unknown[];
    };
  }
}
