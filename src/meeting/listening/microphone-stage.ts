/** Takes 48 kHz mono, valid during the call; `atMs` is the time of the first sample. */
export type OnCleaned = (samples: Int16Array, atMs: number) => void;

/** A step on a microphone's way: sound in, sound out, a little later at most. */
export interface MicrophoneStage {
  /** Takes 48 kHz mono whose first sample belongs to `atMs`; it follows what came before, unless that was flushed. */
  push(samples: Int16Array, atMs: number): void;
  /** The sound ends here, or goes on at another time: what is held back is handed out. */
  flush(): void;
  /** Frees what it holds; nothing may be pushed afterwards. */
  close(): void;
}

/** Makes a stage of one person's microphone that hands on to `onCleaned`. */
export type NewStage = (participantId: string, onCleaned: OnCleaned) => MicrophoneStage;

/** Stages one after the other, the first one first. */
export function stagesInRow(stages: readonly NewStage[]): NewStage {
  return (participantId, onCleaned) => {
    const made: MicrophoneStage[] = [];
    let next = onCleaned;
    for (const newStage of [...stages].reverse()) {
      const stage = newStage(participantId, next);
      made.unshift(stage);
      next = (samples, atMs) => {
        stage.push(samples, atMs);
      };
    }
    return {
      push: next,
      flush: () => {
        for (const stage of made) stage.flush();
      },
      close: () => {
        for (const stage of made) stage.close();
      },
    };
  };
}
