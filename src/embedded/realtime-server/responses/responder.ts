/** The port between the embedded server and what it says. The server owns the protocol; a responder owns the words. */

/** One committed user turn, as the server heard it. */
export type HeardTurn = {
  /** 24 kHz mono PCM16: from the start of speech (prefix padding included) to its end (trailing silence included). */
  pcm24k: Int16Array;
  /** The instructions in force for this response. */
  instructions: string;
};

/** What a responder makes of a turn. `text: ''` with no samples is an empty response: there is nothing to say. */
export type Reply = {
  /** What was said, in the speaker's own language; becomes the input transcription. `''` when not understood. */
  sourceText: string;
  /** BCP 47 tag of `sourceText`, where known. */
  sourceLanguage?: string;
  /** The transcript of the reply. */
  text: string;
  /** The spoken reply, 24 kHz mono PCM16. The server never writes into it. */
  pcm24k: Int16Array;
};

/**
 * Decides what to say. Synchronous, pure (equal turns give equal replies, so that runs can be repeated) and quick: at
 * most 5 ms of CPU per second of audio, since it runs between two messages.
 */
export interface Responder {
  /** Short name for logs and the server's banner. */
  readonly name: string;
  respondToAudio(turn: HeardTurn): Reply;
  respondToText(turn: { text: string; instructions: string }): Reply;
  /** Says what a script tells it to, as the instructions ask; undefined or absent where it has no voice for that. */
  speak?(said: { text: string; instructions: string }): { text: string; pcm24k: Int16Array } | undefined;
}
