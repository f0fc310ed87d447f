/** How a session speaks: in the style of its language, by the voice that speaks it, or not at all. */
import { InterpreterRoute, type OnPlayback } from '../../interpreter/route/route.js';
import type { OutputChannel } from '../../interpreter/playback/output-channel.js';
import type { InterpretingSession } from '../../realtime/session.js';

/** How a language is spoken: the model's voice by name, and its speed, 0.25 to 1.5; absent: as the session is configured. */
export type SpeechStyle = { readonly voice?: string; readonly speed?: number };

/** A route between a speaker and a voice by a session that is not connected yet; without a voice it writes only. */
export function spokenRoute(options: {
  speakerId: string;
  session: InterpretingSession;
  voice: OutputChannel | undefined;
  /** Undefined: as the session is configured. */
  style: SpeechStyle | undefined;
  onPlayback: OnPlayback;
}): InterpreterRoute {
  const { speakerId, session, voice, style, onPlayback } = options;
  const { voice: voiceName, speed: wanted } = style ?? {};
  if (voiceName !== undefined) session.controls?.setVoice(voiceName);
  if (wanted !== undefined) session.controls?.setSpeed(wanted);
  session.controls?.setSpoken(voice !== undefined);
  const speed = wanted === undefined ? {} : { speed: wanted };
  return new InterpreterRoute({ speakerId, session, voice, ...speed, onPlayback });
}
