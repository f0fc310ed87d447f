/** What the demo's agent can do, what its model makes of what it hears, and whether it was all seen. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JoinEventOf } from '../../bot/events.js';
import type { ReplyScript } from '../../embedded/realtime-server/index.js';
import { scriptedReplies } from '../../embedded/phrasebook/scripted-replies.js';
import { secondsText } from '../../duration-text.js';
import type { ParticipantReport } from './messages.js';
import { ownProgram, ToolServerProcess } from './processes.js';
import type { Actor, TextOf } from './proof.js';

/** What somebody asks the agent, and what it answers. */
export const QUESTION = 'which-room-parley';
export const ANSWER = 'room-on-the-second-floor';
/** The tools that it looks the answer up with: of a server over stdio, and of one over HTTP. */
const STDIO_TOOL = 'rooms__find_room';
const HTTP_TOOL = 'building__which_floor';

/** The stand-in understands nothing: this is what its model makes of the question, in any language of the phrasebook. */
export function agentScript(textOf: TextOf, languages: readonly string[]): ReplyScript {
  const heard = languages.map((language) => textOf(QUESTION, language).replace(/^Parley\P{L}*/u, ''));
  return scriptedReplies(
    [
      {
        heard,
        calls: [
          { name: STDIO_TOOL, arguments: {} },
          { name: HTTP_TOOL, arguments: {} },
        ],
      },
      { after: HTTP_TOOL, gave: 'second floor', say: textOf(ANSWER, 'en') },
    ],
    { onlyWithTools: true },
  );
}

/** The servers of the agent's tools, and the file that names them. */
export class DemoTools {
  readonly #http: ToolServerProcess;
  /** For `--tools`. */
  readonly file: string;

  private constructor(http: ToolServerProcess, file: string) {
    this.#http = http;
    this.file = file;
  }

  /** One server is started here, by HTTP; the other one is a program that the interpreter starts. */
  static async open(options: { env: NodeJS.ProcessEnv; folder: string }): Promise<DemoTools> {
    const { env, folder } = options;
    const http = new ToolServerProcess('building', { env, folder });
    const [command, ...args] = ownProgram();
    const servers = [
      {
        name: 'rooms',
        command,
        args: [...args, 'demo-tools', 'rooms'],
        levels: { find_room: 'read' },
        connectTimeoutMs: 20_000,
      },
      { name: 'building', url: await http.url, levels: { which_floor: 'read' }, connectTimeoutMs: 20_000 },
    ];
    const file = join(folder, `demo-tools-${process.pid}.mjs`);
    await writeFile(file, `export const mcpServers = ${JSON.stringify(servers, null, 2)};\n`, {
      mode: 0o600,
    });
    return new DemoTools(http, file);
  }

  async close(): Promise<void> {
    const { rm } = await import('node:fs/promises');
    await Promise.all([this.#http.end(), rm(this.file, { force: true })]);
  }
}

/** What was seen of a question to the agent. */
export type AskEvidence = {
  readonly asker: Actor;
  readonly listener: Actor;
  readonly said: (ParticipantReport & { kind: 'said' }) | undefined;
  /** What each of the two heard, by participant. */
  readonly heard: ReadonlyMap<string, readonly (ParticipantReport & { kind: 'heard' })[]>;
  readonly captions: readonly JoinEventOf<'caption'>[];
  readonly calls: readonly JoinEventOf<'tool'>[];
};

/** What is missing of a question's proof, in words; undefined when it is whole. */
export function askShortcoming(evidence: AskEvidence, textOf: TextOf): string | undefined {
  const { asker, listener, said, heard, captions, calls } = evidence;
  if (said === undefined) return `${asker.name} did not get to ask`;
  const hears = (who: Actor, phraseId: string): boolean =>
    (heard.get(who.participantId) ?? [])
      .flatMap(({ phrases }) => phrases)
      .some((phrase) => phrase.phraseId === phraseId && phrase.language === who.language);
  if (!hears(listener, QUESTION)) return `${listener.name} did not hear the question`;
  for (const tool of [STDIO_TOOL, HTTP_TOOL]) {
    const done = calls.some((call) => call.tool === tool && call.what === 'over' && call.outcome === 'done');
    if (!done) return `${tool} was not called`;
  }
  for (const who of [asker, listener]) {
    if (!hears(who, ANSWER)) return `${who.name} did not hear the answer`;
    const text = textOf(ANSWER, who.language);
    if (!captions.some((caption) => caption.final && caption.translatedText.trim() === text))
      return `${who.name} did not read the answer`;
  }
  return undefined;
}

/** Lines for the end of the demo. */
export function describeAsks(
  all: readonly AskEvidence[],
  wanted: number,
  textOf: TextOf,
): { text: string; proven: boolean } {
  const lines = all.map((evidence) => {
    const { asker, listener, said, heard } = evidence;
    const missing = askShortcoming(evidence, textOf);
    const asked = `  ${asker.name} asked "${textOf(QUESTION, asker.language)}"\n`;
    if (missing !== undefined) return `${asked}     NOT PROVEN: ${missing}\n`;
    const answered = (heard.get(asker.participantId) ?? []).find(({ phrases }) =>
      phrases.some(({ phraseId }) => phraseId === ANSWER),
    );
    const delayMs = Math.max(0, (answered?.startedAtMs ?? 0) - (said?.endedAtMs ?? 0));
    return `${asked}     Parley called ${STDIO_TOOL} (over stdio) and ${HTTP_TOOL} (over HTTP), and answered "${textOf(ANSWER, asker.language)}", ${secondsText(delayMs)} after it;\n     ${listener.name} heard "${textOf(ANSWER, listener.language)}"\n`;
  });
  const proven = all.filter((evidence) => askShortcoming(evidence, textOf) === undefined).length;
  const summary =
    proven === wanted
      ? `Proven: the agent was asked in ${wanted} languages, called its tools, and everybody heard and read the answer in theirs.\n`
      : `Proven: ${proven} of ${wanted} questions to the agent.\n`;
  return { text: `${lines.join('')}${summary}`, proven: proven === wanted };
}
