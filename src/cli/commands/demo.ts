import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { EngineChoice } from '../../interpreter/plan/engine.js';
import { loadPhrasebook } from '../../embedded/phrasebook/phrasebook.js';
import { createPhrasebookResponder } from '../../embedded/phrasebook/responders.js';
import { startRealtimeServer } from '../../embedded/realtime-server/index.js';
import { packageRoot } from '../../package-root.js';
import {
  agentScript,
  askShortcoming,
  type AskEvidence,
  DemoTools,
  describeAsks,
} from '../demo/agent-demo.js';
import { serveToolsOverHttp, serveToolsOverStdio, type ToolServerName } from '../demo/tool-server.js';
import { runParticipant } from '../demo/participant.js';
import { DemoProfiles, describeProfiles, type Traits } from '../demo/profiles.js';
import {
  type Actor,
  describeProof,
  type Evidence,
  type Line,
  shortcoming,
  type TextOf,
} from '../demo/proof.js';
import { Conversation } from '../demo/conversation.js';
import { DemoMeeting } from '../demo/demo-meeting.js';
import type { CliIo, CommandContext } from '../io.js';
import { terminalView } from '../views/terminal-view.js';
import { cacheFolderOf } from '../embedded/meeting-location.js';
import { parsePort } from '../options/options.js';
import { announceRoom } from '../embedded/running-rooms.js';
import { videoSdk } from '../../room/videosdk/platform.js';

const LUCIA: Actor = { participantId: 'lucia', name: 'Lucía', language: 'es' };
const EMMA: Actor = { participantId: 'emma', name: 'Emma', language: 'en' };
const TRAITS: ReadonlyMap<string, Traits> = new Map([
  [
    LUCIA.participantId,
    { name: 'Lucía Ortega', locale: 'es-ES', notes: 'Release manager; calls the release train el tren.' },
  ],
  [
    EMMA.participantId,
    { name: 'Emma Clarke', locale: 'en-GB', notes: 'Head of procurement; speaks in short, plain sentences.' },
  ],
]);
const ACTORS = new Map([LUCIA, EMMA].map((actor) => [actor.participantId, actor]));

const says = (speaker: Actor, listener: Actor, phraseId: string): Line => ({
  speakerId: speaker.participantId,
  listenerId: listener.participantId,
  phraseId,
});
type DemoFlags = { keep?: boolean; agent?: boolean; explain?: boolean; port: number; engine: EngineChoice };

const NO_PROFILES = {
  text: '  The translate engine takes no instructions: profiles of people are not used.\n',
  proven: true,
};

const NO_AGENT = { text: '', proven: true };
/** Who asks the agent, and who hears the answer in another language. */
const QUESTIONS: readonly (readonly [asker: Actor, listener: Actor])[] = [
  [LUCIA, EMMA],
  [EMMA, LUCIA],
];

const MAX_ATTEMPTS = 4;
const SCRIPT: readonly Line[] = [
  says(LUCIA, EMMA, 'can-you-hear-me'),
  says(EMMA, LUCIA, 'the-meeting-starts'),
  says(LUCIA, EMMA, 'repeat-more-slowly'),
  says(EMMA, LUCIA, 'see-you-next-week'),
];

/** With `--keep`, what the two say to whoever joins them. */
const SMALL_TALK = {
  greeting: 'can-you-hear-me',
  answers: [
    'repeat-more-slowly',
    'share-my-screen',
    'we-need-more-time',
    'customers-like-it',
    'see-you-next-week',
  ],
};

/** `parley demo`: a meeting on this machine that is interpreted in both directions, and the proof of it. */
export function addDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .summary('see a meeting interpreted, without keys or network')
    .description(
      'Starts an embedded room, Realtime server and Fastino, invites Parley, and lets two scripted participants hold a\n' +
        'short conversation in Spanish and English. Says what was proven, and exits with 0 when that is everything.\n' +
        'Your own settings, in variables or in a file, do not change it.',
    )
    .option('--keep', 'go on until Ctrl+C: the two participants stay and answer people who join')
    .option(
      '--agent',
      'ask the meeting agent, too: it calls tools of two servers, and answers everybody in their language',
    )
    .option('--explain', 'print what the model is told, with what is known of people')
    .addOption(
      new Option('--engine <name>', 'what interprets')
        .choices(['conversation', 'translate', 'live', 'auto'] satisfies EngineChoice[])
        .default('conversation'),
    )
    .option('--port <n>', 'port of the room, 0 for any free one', parsePort, 0)
    .addHelpText(
      'after',
      '\nExamples:\n  parley demo --keep\n  parley demo --explain\n  parley demo --engine translate\n  parley demo --agent',
    )
    .action(async (options: DemoFlags) => {
      await runDemo(options, context);
    });
  program.command('demo-participant', { hidden: true }).action(runParticipant);
  program
    .command('demo-tools', { hidden: true })
    .argument('<name>')
    .option('--http')
    .action((name: ToolServerName, { http = false }: { http?: boolean }) =>
      http ? serveToolsOverHttp(name) : serveToolsOverStdio(name),
    );
}

async function runDemo(options: DemoFlags, context: CommandContext): Promise<void> {
  const { io } = context;
  const book = await loadPhrasebook(join(packageRoot(), 'fixtures', 'phrasebook.json'));
  const textOf: TextOf = (phraseId, language) => book.get(phraseId)?.get(language)?.text ?? phraseId;
  const { startRoomServer } = await import('../../embedded/room-server/index.js');
  const cacheDir = cacheFolderOf(io);
  const room = await startRoomServer({ port: options.port, cacheDir });
  const { agent = false } = options;
  const realtime = await startRealtimeServer({
    responder: createPhrasebookResponder(book),
    ...(agent
      ? {
          script: agentScript(
            textOf,
            [...ACTORS.values()].map(({ language }) => language),
          ),
        }
      : {}),
  });
  const { origin, signalingBaseUrl, apiUrl, apiKey, secret, ca } = room;
  const withdraw = await announceRoom(cacheDir, { origin, signalingBaseUrl, apiUrl, apiKey, ca });
  const meetingId = room.createRoom();
  greet(io, `${origin}/${meetingId}`, book.size);
  const view = terminalView(io);
  const { env, signal } = io;
  const actors = [...ACTORS.values()];
  const profiles = await DemoProfiles.open(TRAITS, { cacheFolder: cacheDir, signal });
  const tools = agent ? await DemoTools.open({ env, folder: cacheDir }) : undefined;
  const { explain = false, engine } = options;
  const stage = new DemoMeeting({
    room,
    platform: videoSdk({ apiKey, secret, signalingBaseUrl, apiUrl, ca }),
    realtime,
    meetingId,
    actors,
    profiles,
    engine,
    toolsFile: tools?.file,
    explain,
    env,
    folder: cacheDir,
    view,
    signal,
  });
  try {
    await stage.begin();
    const evidence: Evidence[] = [];
    for (const line of SCRIPT) {
      const seen = await performUntilHeard(stage, line, textOf);
      evidence.push(seen);
      if (stage.over || seen.heard === undefined) break; // nobody goes on talking to a wall
    }
    const asks = agent && !stage.over ? await askAgent(stage, textOf) : [];
    if (signal.aborted) return;
    const proof = describeProof(SCRIPT, evidence, ACTORS, textOf);
    const known = engine === 'translate' ? NO_PROFILES : describeProfiles(actors, TRAITS, stage.instructed);
    const answers = agent ? describeAsks(asks, QUESTIONS.length, textOf) : NO_AGENT;
    const text = `${known.text}${proof.text}${answers.text}`;
    if (!proof.proven || !known.proven || !answers.proven) context.answerNo();
    if (options.keep === true) {
      view.note(
        `${text}The meeting goes on at ${origin}/${meetingId} until Ctrl+C. Lucía and Emma stay and answer.`,
      );
      await stage.converse(new Conversation(actors, SMALL_TALK));
      return;
    }
    await stage.end();
    view.close();
    io.out(`\n${text}`);
  } finally {
    await stage.end();
    view.close();
    await withdraw();
    await Promise.all([room.close(), realtime.close(), profiles.close(), tools?.close()]);
  }
}

/** As people do: what was not understood is said again. */
async function performUntilHeard(stage: DemoMeeting, line: Line, textOf: TextOf): Promise<Evidence> {
  for (let attempts = 1; ; attempts++) {
    const evidence = { ...(await stage.perform(line)), attempts };
    const missing = shortcoming(evidence, ACTORS, textOf);
    if (missing === undefined || attempts === MAX_ATTEMPTS || stage.over) return evidence;
  }
}

/** As people do: what was not answered is asked again. */
async function askAgent(stage: DemoMeeting, textOf: TextOf): Promise<readonly AskEvidence[]> {
  const all: AskEvidence[] = [];
  for (const [asker, listener] of QUESTIONS) {
    let evidence = await stage.ask(asker, listener);
    for (let attempts = 1; attempts < MAX_ATTEMPTS && !stage.over; attempts++) {
      if (askShortcoming(evidence, textOf) === undefined) break;
      evidence = await stage.ask(asker, listener);
    }
    all.push(evidence);
    if (stage.over) break;
  }
  return all;
}

function greet(io: CliIo, page: string, phraseCount: number): void {
  io.out(
    'A meeting on this machine: Lucía speaks Spanish, Emma speaks English, Parley interprets.\n' +
      `  The interpreter here is a stand-in: it knows ${phraseCount} phrases and plays back anything else.\n` +
      `  Join it with a browser: ${page}\n` +
      "  (The certificate is this machine's own: the browser asks once whether to trust it.)\n\n",
  );
}
