// Your own app on your machine: the page beside this file, and a token for whoever opens it. It works with the embedded room
// (docs/host-app.md, "Try it on your machine") and, with VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY, with VideoSDK.
// node examples/host-page/server.mjs my-meeting 5173
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const [meetingId = 'my-meeting', port = '5173'] = process.argv.slice(2);
const pathOf = (specifier, beside = '') => fileURLToPath(new URL(beside, import.meta.resolve(specifier)));
const parley = pathOf('@parley-interpreter/parley', 'parley.js'); // the command, beside the library
const files = {
  '/': ['text/html', pathOf('./index.html')],
  '/parley-client.js': ['text/javascript', pathOf('@parley-interpreter/parley/client')],
  '/videosdk.js': ['text/javascript', pathOf('@videosdk.live/js-sdk')],
};

/** What the page joins with: a token for this meeting and a new person. Your server asks first who they are. */
const entry = async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [parley, 'token', meetingId, '--json']);
  return ['application/json', stdout];
};

createServer(async ({ url, headers }, response) => {
  try {
    const isOwn = headers.host === `localhost:${port}`; // no other site gets a token through a name of its own
    const [type, path] = (isOwn && files[url]) || [];
    if (isOwn && url === '/my-meeting-token') {
      const [json, body] = await entry();
      response.writeHead(200, { 'content-type': json }).end(body);
    } else if (path === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(await readFile(path));
  } catch (error) {
    response.writeHead(500).end(); // such as: the meeting does not exist
    console.error(error.stderr ?? error);
  }
}).listen(Number(port), 'localhost', () => console.log(`http://localhost:${port}`));
