/** What the service answers when it will not: VideoSDK's numbers, with the HTTP status of the places that have one. */

/**
 * A request that is refused. `code` is from the SDK's own table of server errors (js-sdk 1.1.1); `status` is the HTTP
 * status where the answer is an HTTP one.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}

/** The refusals this server knows, by the names of the SDK's table. */
export const REFUSALS = {
  invalidApiKey: () => new Refusal(401, 4001, 'The token is of another API key.'),
  invalidToken: (why: string) => new Refusal(401, 4002, `The token is not valid: ${why}.`),
  invalidMeetingId: () => new Refusal(400, 4003, 'There is no meeting of this id: create it first.'),
  invalidParticipantId: () =>
    new Refusal(
      400,
      4004,
      'A participant id is made of 1 to 128 letters, digits and the characters _ - . ~ : @, and is no name that every JavaScript object has.',
    ),
  invalidPermissions: (why: string) => new Refusal(403, 4008, why),
  maxParticipants: (most: number) => new Refusal(403, 4009, `At most ${most} participants can be in a room.`),
  otherMeeting: () => new Refusal(403, 4022, 'The token is for another meeting.'),
  otherParticipant: () => new Refusal(403, 4023, 'The token is for another participant.'),
  otherRole: (role: string) => new Refusal(403, 4024, `The token does not have the role "${role}".`),
  notAllowed: (what: string) => new Refusal(403, 4025, what),
  /** "Already gone": the SDK takes it as done when it closes something. */
  gone: (what: string) => new Refusal(404, 404, `There is no such ${what}.`),
  badRequest: (what: string) => new Refusal(400, 400, what),
} as const;
