/**
 * What runs in ffmpeg's thread before the worker of `@ffmpeg/ffmpeg`, which is written for browsers: it gives that worker
 * `self`, `postMessage` and, in place of `importScripts`, a way to load the core from disk with its wasm compiled already, so
 * that nothing is fetched.
 *
 * The core's file system is in memory, but for two files. `/recording` is read where the recording is, piece by piece.
 * Whatever is written to `/sound` is handed over in blocks and kept nowhere: the thread sleeps while too much of it is on its
 * way, so that a recording of hours takes no memory. Both files are ours to change by the core's own means: a node's
 * operations.
 */
export const THREAD_SOURCE = `
const { readSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const { workerUrl, module, recording, flow, maxAheadBytes } = workerData;
const AHEAD_BYTES = 0, STOPPED = 1, READS = 2;

globalThis.self = globalThis;
self.location = { href: '' };
self.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
self.importScripts = (corePath) => {
  const createCore = require(corePath);
  const instantiateWasm = (imports, done) => {
    const instance = new WebAssembly.Instance(module, imports);
    done(instance, module);
    return instance.exports;
  };
  self.createFFmpegCore = async (options) => {
    const core = await createCore({ ...options, instantiateWasm });
    if (recording !== undefined) showRecording(core.FS);
    handOver(core.FS);
    return core;
  };
};

function showRecording(FS) {
  const { spans, descriptor, bytes } = recording;
  const size = spans.reduce((total, { length }) => total + length, 0);
  const readSpan = (target, offset, length, at) => {
    if (bytes === undefined) return readSync(descriptor, target, offset, length, at);
    const part = bytes.subarray(at, at + length);
    target.set(part, offset);
    return part.length;
  };
  const read = (_stream, target, offset, length, position) => {
    Atomics.add(flow, READS, 1);
    let start = 0;
    let filled = 0;
    for (const span of spans) {
      const from = position + filled - start;
      if (from < span.length && filled < length) {
        const wanted = Math.min(length - filled, span.length - from);
        const count = readSpan(target, offset + filled, wanted, span.at + from);
        filled += count;
        if (count < wanted) break;
      }
      start += span.length;
    }
    return filled;
  };
  const llseek = (stream, offset, whence) => {
    const position = offset + (whence === 1 ? stream.position : whence === 2 ? size : 0);
    if (position < 0) throw new FS.ErrnoError(28);
    return position;
  };
  const node = fileOf(FS, '/recording');
  const { getattr } = node.node_ops;
  node.node_ops = { ...node.node_ops, getattr: (each) => ({ ...getattr(each), size }) };
  node.stream_ops = { ...node.stream_ops, read, llseek };
}

function handOver(FS) {
  const node = fileOf(FS, '/sound');
  let written = 0;
  const open = () => {
    written = 0;
  };
  const write = (_stream, source, offset, length, position) => {
    if (Atomics.load(flow, STOPPED) === 1) throw new FS.ErrnoError(29);
    if (position < written) return length; // a header that is brought up to date
    written = position + length;
    const block = new Uint8Array(source.subarray(offset, offset + length));
    Atomics.add(flow, AHEAD_BYTES, length);
    parentPort.postMessage({ type: 'SOUND', data: block }, [block.buffer]);
    let ahead;
    while ((ahead = Atomics.load(flow, AHEAD_BYTES)) > maxAheadBytes && Atomics.load(flow, STOPPED) === 0)
      Atomics.wait(flow, AHEAD_BYTES, ahead, 1000);
    return length;
  };
  node.stream_ops = { ...node.stream_ops, open, write };
}

function fileOf(FS, path) {
  FS.writeFile(path, new Uint8Array(0));
  return FS.lookupPath(path).node;
}

import(workerUrl).then(() => parentPort.on('message', (data) => self.onmessage({ data })));
`;
