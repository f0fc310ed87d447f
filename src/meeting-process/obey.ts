/** What a meeting's host wants of it, as its supervisor hands it on: while it runs, and before it is joined. */
import type { Interpreter } from '../bot/interpreter.js';
import { type MeetingSettingsPatch, parseMeetingSettings } from '../bot/meeting-settings.js';
import { messageOf, ParleyError } from '../errors.js';
import { redactText } from '../redaction.js';
import { withWord } from './host-word.js';
import { present } from './present.js';
import type { ChildMessage, MeetingAssignment, MeetingCommand, ProcessState } from './protocol.js';

/** The meeting that commands are for, as it is when one comes. */
export type CommandedMeeting = {
  readonly state: ProcessState;
  readonly assignment: MeetingAssignment | undefined;
  /** Undefined before it is joined. */
  readonly interpreter: Interpreter | undefined;
  /** What a further process of the meeting begins with is different from now on. */
  change(change: Partial<MeetingAssignment>): void;
  stop(drainMs: number, say?: string): void;
};

type ResultMessage = ChildMessage & { type: 'result' };

/** Carries a command out, and resolves with what its supervisor is to be told of that. */
export async function resultOf(
  id: number,
  command: MeetingCommand,
  meeting: CommandedMeeting,
): Promise<ResultMessage> {
  try {
    const value = await obey(command, meeting);
    const json =
      value === undefined
        ? undefined
        : (JSON.parse(JSON.stringify(value)) as NonNullable<ResultMessage['value']>);
    return { v: 1, type: 'result', id, ok: true, ...(json === undefined ? {} : { value: json }) };
  } catch (error) {
    const code = error instanceof ParleyError ? error.code : 'internal';
    return {
      ...{ v: 1, type: 'result', id, ok: false },
      error: { code, message: redactText(messageOf(error)) },
    };
  }
}

async function obey(command: MeetingCommand, meeting: CommandedMeeting): Promise<unknown> {
  const { interpreter } = meeting;
  switch (command.kind) {
    case 'stop':
      meeting.stop(command.drainMs ?? 0, command.say);
      return undefined;
    case 'status':
      return interpreter === undefined ? { state: meeting.state } : interpreter.status();
    case 'update':
      return update(command.patch, meeting);
    case 'setPerson': {
      const { participantId, settings } = command;
      interpreter?.setPerson(participantId, present(settings));
      const { people = [] } = meeting.assignment ?? {};
      meeting.change({ people: withWord(people, participantId, settings) });
      return undefined;
    }
    case 'mute': {
      const joined = mustBeThere(interpreter);
      joined.mute(command.muted, command.language);
      const { muted } = joined.status();
      meeting.change({ muted: muted === 'all' ? 'all' : [...muted] });
      return { muted };
    }
    case 'say':
      return mustBeThere(interpreter).say(command.text, command.languages);
    case 'ask': {
      const { from, language } = command;
      return mustBeThere(interpreter).ask(command.text, present({ from, language }));
    }
    case 'inform': {
      const told = [...mustBeThere(interpreter).inform(command.text)];
      meeting.change({ told });
      return { told };
    }
    case 'approve': {
      const { callId, yes, by, remember } = command;
      return { waited: mustBeThere(interpreter).approve(callId, yes, by, remember) };
    }
    case 'hush':
      mustBeThere(interpreter).hush();
      return undefined;
  }
}

/** Before the meeting is joined everything can change. */
function update(patch: MeetingSettingsPatch, meeting: CommandedMeeting): unknown {
  const { interpreter, assignment } = meeting;
  if (interpreter !== undefined) {
    const report = interpreter.update(patch);
    meeting.change({ settings: interpreter.status().settings });
    return { report, settings: interpreter.status().settings };
  }
  if (assignment === undefined) throw notThere();
  const merged: Record<string, unknown> = { ...assignment.settings };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = value;
  }
  const settings = parseMeetingSettings(merged);
  meeting.change({ settings });
  const applied = Object.keys(patch).map((name) => [name, 'applied'] as const);
  return { report: Object.fromEntries(applied), settings };
}

function mustBeThere(interpreter: Interpreter | undefined): Interpreter {
  if (interpreter === undefined) throw notThere();
  return interpreter;
}

function notThere(): ParleyError {
  return new ParleyError('service_unavailable', 'the meeting is not joined yet: try again in a moment', {
    retryable: true,
  });
}
