/** `parley replay` of whole meetings. */
import { messageOf, ParleyError } from '../../errors.js';
import { ownLanguageName } from '../../languages/languages.js';
import { backendName } from '../../replay/backend/replay-backend.js';
import type { MeetingDocument } from '../../replay/meeting/document.js';
import { replayMeeting, type MeetingReplaySettings } from '../../replay/meeting/replay-meeting.js';
import { loadScenario, type LoadedScenario } from '../../replay/meeting/scenario-file.js';
import type { SettingsGiven } from '../../settings/resolve-settings.js';
import { clockText, secondsText } from '../../duration-text.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { phraseTable } from '../text/phrase-table.js';

/**
 * Replays meetings one after the other, each by `settingsFor` what its own file says. One that fails is told, and the next ones are replayed all the same; with `json`
 * one document each is printed, a line each.
 */
export async function replayMeetings(
  paths: readonly string[],
  settingsFor: (meetingFile?: SettingsGiven['meetingFile']) => Promise<MeetingReplaySettings>,
  { context, json }: { context: CommandContext; json: boolean },
): Promise<void> {
  const { io } = context;
  const host = backendName((await settingsFor()).backend);
  const say = (text: string): void => {
    if (json) io.err(text);
    else io.out(text);
  };
  say(`Interpreted by ${plain(host)}\n`);
  const aborted = (): boolean => io.signal.aborted;
  for (const path of paths) {
    if (aborted()) break;
    let loaded: LoadedScenario | undefined;
    try {
      loaded = await loadScenario(path);
      const { name } = loaded;
      const settings = await settingsFor({ path: loaded.path, settings: loaded.scenario.settings });
      const { document, files } = await replayMeeting({
        loaded,
        settings,
        host,
        signal: io.signal,
        onProgress: (atMs) => {
          if (io.liveErr) io.err(`\r\u001b[K${plain(name)}  ${clockText(atMs)}`);
        },
      });
      if (io.liveErr) io.err('\r\u001b[K');
      if (json) {
        io.out(`${JSON.stringify(document)}\n`);
        continue;
      }
      io.out(
        `\n${plain(document.meeting.title)}\n${phraseTable(document, io.columns)}${totalsLine(document)}`,
      );
      if (settings.meeting.engine !== 'conversation') io.out(engineLines(document));
      for (const warning of document.warnings) io.err(`parley: ${plain(warning)}\n`);
      for (const { atMs, message } of document.notices) io.out(`  ${clockText(atMs)} ${plain(message)}\n`);
      for (const file of files) io.out(`  ${plain(file)}\n`);
    } catch (error) {
      if (aborted()) break;
      if (io.liveErr) io.err('\r\u001b[K');
      context.fail(
        error instanceof ParleyError
          ? error
          : new ParleyError('internal', `this is a bug of Parley: ${messageOf(error)}`, { cause: error }),
      );
    } finally {
      loaded?.close();
    }
  }
}

/** Which engine interpreted each route, and why: a line each. */
function engineLines({ people, engines }: MeetingDocument): string {
  const nameOf = (id: string): string => people.find((person) => person.id === id)?.name ?? id;
  return engines
    .map(({ speakerId, to, engine, reason }) => {
      const into = to === '' ? '' : ` into ${ownLanguageName(to)}`;
      return `  ${plain(nameOf(speakerId))}${into}: the ${engine} engine (${plain(reason)})
`;
    })
    .join('');
}

/** One line that adds a meeting up. */
function totalsLine({ meeting, people, totals, cost }: MeetingDocument): string {
  const count = (value: number, one: string, more: string): string => `${value} ${value === 1 ? one : more}`;
  const parts = [
    count(people.length, 'person', 'people'),
    count(totals.phrases, 'phrase', 'phrases'),
    `${totals.heard} of ${count(totals.translations, 'translation', 'translations')} heard`,
    ...(totals.cut === 0 ? [] : [`${totals.cut} cut short`]),
    ...(totals.captionsOnly === 0 ? [] : [`${totals.captionsOnly} in captions only`]),
    ...(totals.medianFirstAudioDelayMs === null
      ? []
      : [`median delay ${secondsText(totals.medianFirstAudioDelayMs)}`]),
    clockText(meeting.durationMs),
    ...(cost === null
      ? []
      : [
          `${cost.isLowerBound === true ? 'at least' : 'about'} $${cost.usd.toFixed(2)}${cost.unpriced === 0 ? '' : ` and ${cost.unpriced} unpriced uses`}`,
        ]),
  ];
  return `${parts.join(', ')}\n`;
}
