import { base64OfPcm16 } from '../../../../audio/pcm.js';
import type { UserMessage } from '../../session-tools.js';

/** A message of the user, as the item that a client adds to the conversation: its sound before its text. */
export function messageItem(id: string, { text, sound }: UserMessage) {
  const { content, ...message } = userMessage(text);
  const heard =
    sound === undefined || sound.length === 0
      ? []
      : [{ type: 'input_audio' as const, audio: base64OfPcm16(sound) }];
  return { id, ...message, content: [...heard, ...content] };
}

/** The same in the input of a response, where it is no item of the conversation. */
export function userMessage(text: string) {
  const content = [{ type: 'input_text' as const, text }];
  return { type: 'message' as const, role: 'user' as const, content };
}
