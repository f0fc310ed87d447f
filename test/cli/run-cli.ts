import { runCli } from '../../src/cli/program.js';

export type CliRun = { exitCode: number; out: string; err: string };

/** Runs a command line in this process and collects what it prints. */
export async function cli(
  args: readonly string[],
  options: {
    env?: Record<string, string>;
    signal?: AbortSignal;
    liveErr?: boolean;
    onOut?: (text: string) => void;
  } = {},
): Promise<CliRun> {
  let out = '';
  let err = '';
  const exitCode = await runCli(args, {
    out: (text) => {
      out += text;
      options.onOut?.(text);
    },
    err: (text) => {
      err += text;
    },
    env: options.env ?? {},
    columns: undefined,
    rows: undefined,
    liveErr: options.liveErr ?? false,
    signal: options.signal ?? new AbortController().signal,
  });
  return { exitCode, out, err };
}
