/** Standard Webhooks: the headers that let a receiver check who sent a body. */
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

const SECRET_BYTES = 32;

/** A new secret of an endpoint, as its owner gets it. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/**
 * Headers for one try. The signature is over the bytes of `body` as they are sent. With two secrets, as in the day after a
 * rotation, there is a signature of each; without any there is none.
 */
export function signedHeaders(
  message: { readonly id: string; readonly at: Date; readonly body: Buffer },
  secrets: readonly string[],
): Record<string, string> {
  const { id, at, body } = message;
  const seconds = new Date(Math.floor(at.getTime() / 1_000) * 1_000);
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, seconds, body));
  return {
    'content-type': 'application/json',
    'user-agent': 'Parley-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(seconds.getTime() / 1_000),
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
  };
}
