/** Models that are about to retire. Pure. */

/**
 * Last days, UTC, of models that OpenAI has announced to shut down. Source: descriptions of `model` and of
 * `AudioTranscription.model` (openai@7.55.0), and OpenAI's deprecations page for the preview models; as of 2026-11-20.
 */
const SHUT_DOWN_ON: ReadonlyMap<string, string> = new Map([
  ['gpt-realtime', '2027-01-20'],
  ['gpt-realtime-2025-08-28', '2027-01-20'],
  ['gpt-realtime-mini', '2027-01-20'],
  ['gpt-realtime-mini-2025-12-15', '2027-01-20'],
  ['whisper-1', '2027-02-26'],
  ['gpt-4o-transcribe', '2027-02-26'],
  ['gpt-4o-transcribe-diarize', '2027-02-26'],
  ['gpt-4o-mini-transcribe', '2027-02-26'],
  ['gpt-4o-mini-transcribe-2025-12-15', '2027-02-26'],
]);
/** All of `gpt-4o-realtime-preview…` and `gpt-4o-mini-realtime-preview…`. */
const PREVIEW_MODEL = /^gpt-4o(?:-mini)?-realtime-preview(?:-|$)/;
const PREVIEW_SHUT_DOWN_ON = '2026-05-07';

/** What to take instead: the model that interprets, and the one that transcribes. */
type SafeModels = { model: string; transcriptionModel: string };

/** The day on which OpenAI shuts this model down, as `2027-01-20`; undefined where none is announced. */
export function shutDownDateOf(model: string): string | undefined {
  return SHUT_DOWN_ON.get(model) ?? (PREVIEW_MODEL.test(model) ? PREVIEW_SHUT_DOWN_ON : undefined);
}

/**
 * One line for each model in use that retires, or has: which, when, and what to set instead. `epochMs` is today; names of
 * models are taken as they are, so that an Azure deployment is warned of only where it bears its model's name.
 */
export function retirementWarnings(
  inUse: { model: string; transcriptionModel: string | undefined },
  instead: SafeModels,
  epochMs: number,
): string[] {
  const named: readonly (readonly [model: string | undefined, flag: string, other: string])[] = [
    [inUse.model, '--model', instead.model],
    [inUse.transcriptionModel, '--transcription-model', instead.transcriptionModel],
  ];
  return named.flatMap(([model, flag, other]) => {
    const date = model === undefined ? undefined : shutDownDateOf(model);
    if (date === undefined) return [];
    const verb = epochMs < Date.parse(date) ? 'is shut down' : 'was shut down';
    return [`the model ${model} ${verb} on ${date}: use ${flag} ${other}`];
  });
}
