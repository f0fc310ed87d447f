/** What is compared: engines, and models of them. Pure. */
import { meetingSettings } from '../../bot/meeting-settings.js';
import { ParleyError } from '../../errors.js';
import { type EngineName, ENGINES } from '../../realtime/engines.js';
import { plain } from '../../text.js';

/** One of those that are compared. */
export type Contender = {
  /** Tells it apart in names of files and in JSON: `conversation`, or `conversation-gpt-realtime-2.1-mini`. */
  readonly key: string;
  /** For people. */
  readonly label: string;
  readonly engine: EngineName;
  /** Undefined: the model that the settings name, or the engine's only one. */
  readonly model: string | undefined;
};

/** The engines that there are. */
const ALL = Object.keys(ENGINES) as readonly EngineName[];
const MAX_CONTENDERS = 8;
/** The setting that names the model of an engine is called after it, that of the first engine `model`. */
const FIRST_ENGINE: EngineName = 'conversation';

/** The name of the setting that names an engine's model; undefined where the engine has one only. */
export function modelSettingOf(engine: EngineName): string | undefined {
  const name = engine === FIRST_ENGINE ? 'model' : `${engine}Model`;
  return Object.hasOwn(meetingSettings.shape, name) ? name : undefined;
}

/**
 * Reads `--engines`, such as `conversation,translate`, and `--models`, such as `gpt-realtime-2.1,gpt-realtime-2.1-mini` of the
 * conversation engine or `engine=model` of another: an engine that is named with several models is there as often. Without
 * `--engines`, all engines are compared.
 * @throws ParleyError `usage` for an engine that there is none of, or that is named twice, and for models that fit none
 */
export function contendersOf(engines: string | undefined, models: string | undefined): Contender[] {
  const named = engines === undefined ? ALL : listOf(engines, '--engines').map(engineOf);
  named.forEach((engine, index) => {
    if (named.indexOf(engine) < index) throw usage(`--engines names ${engine} twice`);
  });
  const modelsOf = new Map<EngineName, string[]>();
  for (const text of models === undefined ? [] : listOf(models, '--models')) {
    const { engine, model } = modelOf(text);
    if (!named.includes(engine))
      throw usage(`--models names ${plain(model)} of the ${engine} engine, which is not among --engines`);
    if (modelSettingOf(engine) === undefined)
      throw usage(`the ${engine} engine has one model only: leave out ${plain(text)}`);
    const known = modelsOf.get(engine) ?? [];
    if (known.includes(model)) throw usage(`--models names ${plain(model)} twice`);
    modelsOf.set(engine, [...known, model]);
  }
  const contenders = named.flatMap((engine): Contender[] => {
    const list = modelsOf.get(engine) ?? [];
    if (list.length === 0) return [{ key: engine, label: engine, engine, model: undefined }];
    return list.map((model) => ({
      key: `${engine}-${model}`,
      label: `${engine} · ${model}`,
      engine,
      model,
    }));
  });
  if (contenders.length > MAX_CONTENDERS)
    throw usage(`${contenders.length} are too many to compare: name at most ${MAX_CONTENDERS}`);
  return contenders;
}

function listOf(text: string, flag: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw usage(`${flag} has an empty name: write it like a,b`);
  return names;
}

function engineOf(text: string): EngineName {
  const engine = ALL.find((name) => name === text);
  if (engine === undefined)
    throw usage(`there is no engine ${shown(text)}: --engines takes ${ALL.join(', ')}`);
  return engine;
}

function modelOf(text: string): { engine: EngineName; model: string } {
  const at = text.indexOf('=');
  if (at < 0) return { engine: FIRST_ENGINE, model: checked(text) };
  return { engine: engineOf(text.slice(0, at)), model: checked(text.slice(at + 1)) };
}

/** A model's name becomes the name of a folder. */
function checked(model: string): string {
  if (/^[\w][\w.:-]{0,99}$/.test(model)) return model;
  throw usage(`${shown(model)} is no name of a model: use letters, digits, and . _ : -`);
}

function shown(text: string): string {
  return JSON.stringify(plain(text).slice(0, 60));
}

function usage(message: string): ParleyError {
  return new ParleyError('usage', message);
}
