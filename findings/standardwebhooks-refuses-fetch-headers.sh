#!/usr/bin/env bash
# standardwebhooks takes a plain object of headers and nothing else: handed the `Headers` of a fetch Request (Hono, Next, Deno,
# Workers), verify says "Missing required headers" of a webhook that is right. Object.fromEntries(headers) works.
# And a secret without "whsec_" is read as base64 whatever it is: 32 plain letters are a key of 24 other bytes.
# Seen with standardwebhooks 1.1.1 on Node 20.20, 2026-11-30.
# For whoever takes webhooks in a fetch-style handler and is told that the sender is at fault.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund standardwebhooks@1.1.1
cat >run.mjs <<'JS'
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

console.log(`standardwebhooks 1.1.1, Node ${process.version}`);
const body = '{"type":"test"}';
const now = new Date();
const seconds = Math.floor(now.getTime() / 1000);
const webhook = new Webhook(`whsec_${Buffer.alloc(24, 7).toString('base64')}`);
const headers = new Headers({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(seconds),
  'webhook-signature': webhook.sign('msg_1', now, body),
});
const outcome = (act) => {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const asHeaders = outcome(() => webhook.verify(body, headers));
const asObject = outcome(() => webhook.verify(body, Object.fromEntries(headers)));
console.log(`verify(body, request.headers):                       ${asHeaders}`);
console.log(`verify(body, Object.fromEntries(request.headers)):   ${asObject}`);

const letters = 'abcdefghijklmnopqrstuvwxyzabcdef';
const signed = new Webhook(letters).sign('msg_1', now, body);
const hmac = (key) => `v1,${createHmac('sha256', key).update(`msg_1.${seconds}.${body}`).digest('base64')}`;
const asText = signed === hmac(letters);
const asBase64 = signed === hmac(Buffer.from(letters, 'base64'));
console.log(`the secret "${letters}" signs as its ${letters.length} letters: ${asText}; as the 24 bytes it is base64 of: ${asBase64}`);

const asSeen = asHeaders.endsWith('Missing required headers') && asObject === 'accepted' && !asText && asBase64;
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 60 node run.mjs
