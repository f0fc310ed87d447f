/**
 * The ICE-lite side (RFC 8445 section 2.5): it answers connectivity checks and makes none. Clients of the SDK never tell
 * their own ICE password, so a full agent could not even be built here.
 */
import { classes, Message, methods, parseMessage } from 'werift';

export type IceCredentials = { usernameFragment: string; password: string };

/** First bytes 0 to 3 are STUN's (RFC 7983). */
export function looksLikeStun(packet: Buffer): boolean {
  return packet.length >= 20 && packet[0]! < 4;
}

/**
 * The answer to a connectivity check, or undefined when it is none or its signature is not made with the password.
 * `nominated`: the client has chosen this pair (USE-CANDIDATE).
 */
export function answerBinding(
  packet: Buffer,
  credentials: IceCredentials,
  source: { address: string; port: number },
): { reply: Buffer; nominated: boolean } | undefined {
  const key = Buffer.from(credentials.password, 'utf8');
  const request = parseMessage(packet, key);
  if (request === undefined) return undefined;
  if (request.messageMethod !== methods.BINDING || request.messageClass !== classes.REQUEST) {
    return undefined;
  }
  const username: unknown = request.getAttributeValue('USERNAME');
  if (typeof username !== 'string' || !username.startsWith(`${credentials.usernameFragment}:`)) {
    return undefined;
  }
  const response = new Message(methods.BINDING, classes.RESPONSE, request.transactionId);
  response.setAttribute('XOR-MAPPED-ADDRESS', [source.address, source.port]);
  response.addMessageIntegrity(key).addFingerprint();
  return { reply: response.bytes, nominated: request.attributesKeys.includes('USE-CANDIDATE') };
}
