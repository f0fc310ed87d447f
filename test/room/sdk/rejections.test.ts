import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const REGISTER = fileURLToPath(new URL('../videosdk/children/register.mjs', import.meta.url));
const MODULE = new URL('../../../src/room/sdk/rejections.ts', import.meta.url).href;

/** Runs `script` in a process of its own, in which `guardRejections` is there. */
function run(script: string): { status: number | null; stdout: string; stderr: string } {
  const text = `const { guardRejections } = await import(${JSON.stringify(MODULE)});
    const SDK = '@videosdk.live/js-sdk/videosdk.js';
    const fromSdk = (message) => Object.assign(new Error(message), { stack: 'at f (/x/@videosdk.live/js-sdk/videosdk.js:1:1)' });
    ${script}`;
  return spawnSync(process.execPath, ['--import', REGISTER, '--input-type=module', '--eval', text], {
    encoding: 'utf8',
    timeout: 20_000,
  });
}

describe('guardRejections', () => {
  it("the SDK's forgotten promises end nothing, and are told while somebody listens", () => {
    const { status, stdout } = run(`
      const stop = guardRejections(SDK, (reason) => console.log('told', reason.message));
      Promise.reject(fromSdk('one'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      stop();
      Promise.reject(fromSdk('two'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log('alive');`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'told one\nalive\n' });
  });

  it('every other one ends the process as it does without us', () => {
    const { status, stderr } = run(`
      guardRejections(SDK, () => undefined);
      Promise.reject(new Error('a bug of ours'));
      await new Promise((resolve) => setTimeout(resolve, 1_000));`);
    expect(status).not.toBe(0);
    expect(stderr).toContain('a bug of ours');
  });

  it('unless somebody else listens for them', () => {
    const { status, stdout } = run(`
      process.on('unhandledRejection', (reason) => console.log('theirs', reason.message));
      guardRejections(SDK, () => console.log('ours'));
      Promise.reject(new Error('x'));
      await new Promise((resolve) => setTimeout(resolve, 20));`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'theirs x\n' });
  });
});
