/** Models that are about to retire. Pure. */
import type { ProviderName } from './endpoint.js';

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
/**
 * The same of Azure OpenAI, which has dates of its own, by the model's name: a deployment that bears another is not known.
 * Source: Microsoft's table of model retirements, as of 2026-08.
 */
const AZURE_SHUT_DOWN_ON: ReadonlyMap<string, string> = new Map([
  ['gpt-realtime-mini', '2026-12-15'],
  ['gpt-realtime-mini-2025-12-15', '2026-12-15'],
  ['gpt-4o-mini-transcribe', '2026-12-15'],
  ['gpt-4o-mini-transcribe-2025-12-15', '2026-12-15'],
  ['whisper', '2026-12-15'],
  ['whisper-1', '2026-12-15'],
  ['gpt-realtime-1.5', '2027-02-23'],
  ['gpt-realtime', '2027-02-28'],
  ['gpt-realtime-2', '2027-05-06'],
  ['gpt-realtime-2.1', '2027-06-25'],
  ['gpt-realtime-2.1-mini', '2027-06-25'],
]);
/** Sooner than that, a date of Azure's is worth a line at each start: it names one for every model. */
const AZURE_WARNED_BEFORE_MS = 120 * 86_400_000;
/** All of `gpt-4o-realtime-preview…` and `gpt-4o-mini-realtime-preview…`. */
const PREVIEW_MODEL = /^gpt-4o(?:-mini)?-realtime-preview(?:-|$)/;
const PREVIEW_SHUT_DOWN_ON = '2026-05-07';

/** What to take instead: the model that interprets, and the one that transcribes. */
type SafeModels = { model: string; transcriptionModel: string };

/** The day on which a provider shuts this model down, as `2027-01-20`; undefined where none is announced. */
export function shutDownDateOf(model: string, provider: ProviderName): string | undefined {
  if (provider === 'compatible') return undefined;
  if (provider === 'azure') return AZURE_SHUT_DOWN_ON.get(model);
  return SHUT_DOWN_ON.get(model) ?? (PREVIEW_MODEL.test(model) ? PREVIEW_SHUT_DOWN_ON : undefined);
}

/**
 * One line for each model in use that retires, or has: which, when, and what to set instead. `epochMs` is today; names of
 * models are taken as they are, so that an Azure deployment is warned of only where it bears its model's name.
 */
export function retirementWarnings(
  inUse: { provider: ProviderName; model: string; transcriptionModel: string | undefined },
  instead: SafeModels,
  epochMs: number,
): string[] {
  const { provider } = inUse;
  const named: readonly (readonly [model: string | undefined, flag: string, other: string])[] = [
    [inUse.model, '--model', instead.model],
    [inUse.transcriptionModel, '--transcription-model', instead.transcriptionModel],
  ];
  return named.flatMap(([model, flag, other]) => {
    const date = model === undefined ? undefined : shutDownDateOf(model, provider);
    if (model === undefined || date === undefined) return [];
    if (provider === 'azure' && Date.parse(date) - epochMs > AZURE_WARNED_BEFORE_MS) return [];
    const advice = provider === 'azure' ? `deploy another, and name it by ${flag}` : `use ${flag} ${other}`;
    return [`${endWords(model, date, epochMs)}: ${advice}`];
  });
}

/** `the model gpt-realtime is shut down on 2027-01-20`, or was. */
export function endWords(model: string, date: string, epochMs: number): string {
  return `the model ${model} ${epochMs < Date.parse(date) ? 'is' : 'was'} shut down on ${date}`;
}
