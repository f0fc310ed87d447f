#!/usr/bin/env bash
# Behind a service worker that only passes requests on (event.respondWith(fetch(event.request))), an EventSource of Chromium
# reconnects without Last-Event-ID: the server cannot know where the reader was, and sends all of it again or leaves a hole.
# The worker does not see the header either, so that it cannot add it. Let the worker leave streams alone.
# Seen with Chromium 150, driven by playwright-core 1.65.1 on Node 20.20, 2026-11-30.
# For pages with a service worker (any installable app) that follow a resumable stream.
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund playwright-core@1.65.1
cat >run.mjs <<'JS'
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const WORKERS = {
  '/passing.js': `addEventListener('fetch', (event) => {
      if (event.request.url.includes('/events')) {
        fetch('/seen?' + (event.request.headers.get('last-event-id') ?? 'nothing'));
        event.respondWith(fetch(event.request));
      }
    });`,
  '/aside.js': `addEventListener('fetch', () => {});`,
};
const CLAIM = `addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));`;

let connections = [];
let seenByWorker = [];
const server = createServer((request, response) => {
  const { pathname, search } = new URL(request.url, 'http://localhost');
  if (pathname === '/events') {
    connections.push(request.headers['last-event-id'] ?? 'nothing');
    const id = connections.length;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.end(`retry: 200\nid: ${id}\ndata: ${id}\n\n`);
  } else if (pathname === '/seen') {
    seenByWorker.push(search.slice(1));
    response.end();
  } else if (WORKERS[pathname]) {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(CLAIM + WORKERS[pathname]);
  } else {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>');
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://localhost:${server.address().port}`;
const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox'] });

/** What five connections of one EventSource say about the last event, with this worker in between or none. */
async function lastIds(worker) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(origin);
  if (worker !== undefined) {
    await page.evaluate(async (path) => {
      await navigator.serviceWorker.register(path);
      if (!navigator.serviceWorker.controller) {
        await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
      }
    }, worker);
  }
  connections = [];
  seenByWorker = [];
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const source = new EventSource('/events');
        let received = 0;
        source.onmessage = () => ++received === 5 && (source.close(), resolve());
      }),
  );
  const result = connections.slice(0, 5).join(' ');
  await context.close();
  return result;
}

console.log(`Chromium ${browser.version()}, playwright-core 1.65.1, Node ${process.version}`);
const without = await lastIds(undefined);
console.log(`no worker:                      Last-Event-ID of five connections: ${without}`);
const passing = await lastIds('/passing.js');
console.log(`respondWith(fetch(request)):    Last-Event-ID of five connections: ${passing}`);
const seen = seenByWorker.join(' ');
console.log(`                                as the worker sees it:             ${seen}`);
const aside = await lastIds('/aside.js');
console.log(`a worker that does not respond: Last-Event-ID of five connections: ${aside}`);
await browser.close();
server.close();
const counted = 'nothing 1 2 3 4';
const none = 'nothing nothing nothing nothing nothing';
const asSeen = without === counted && passing === none && seen === none && aside === counted;
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 120 node run.mjs "$chromium"
