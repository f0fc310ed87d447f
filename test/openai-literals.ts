/** Compiles events, written out as object literals, against the types of the openai package: a reference that never runs. */
import { join } from 'node:path';
import ts from 'typescript';

const PACKAGE = 'openai/resources/realtime/realtime';
const TYPE_OF = { client: 'RealtimeClientEvent', server: 'RealtimeServerEvent' } as const;
/** As if it lay beside this file. */
const FILE = join(import.meta.dirname, 'generated-literals.ts');
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
};

/**
 * Fields of `session` that the API sends in `session.created` and `session.updated` (its reference shows them there, and
 * clients need `expires_at`) although the declared type, which is that of a request, leaves them out.
 */
const SENT_BUT_UNDECLARED = `declare module '${PACKAGE}' {
  interface RealtimeSessionCreateRequest { id?: string; object?: 'realtime.session'; expires_at?: number }
}`;

/** An event and which way it goes. */
export type DirectedEvent = { direction: keyof typeof TYPE_OF; event: unknown };

/**
 * What tsc says about `events` as literals of their declared type, without casts, so that each field is checked and one too
 * many is an error; empty when all fit. A complaint begins with the index of its event and the beginning of its text.
 */
export function literalTypeErrors(events: readonly DirectedEvent[]): string[] {
  const lines = [
    `import type { ${Object.values(TYPE_OF).join(', ')} } from '${PACKAGE}';`,
    ...events.map(
      ({ direction, event }, index) =>
        `export const e${index}: ${TYPE_OF[direction]} = ${JSON.stringify(event)};`,
    ),
    SENT_BUT_UNDECLARED,
  ];
  const source = lines.join('\n');
  const disk = ts.createCompilerHost(OPTIONS);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === FILE || disk.fileExists(name),
    readFile: (name) => (name === FILE ? source : disk.readFile(name)),
    getSourceFile: (name, language) =>
      name === FILE ? ts.createSourceFile(name, source, language) : disk.getSourceFile(name, language),
  };
  const program = ts.createProgram([FILE], OPTIONS, host);
  const file = program.getSourceFile(FILE);
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ].map(({ start = 0, messageText }) => {
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    const text = ts.flattenDiagnosticMessageText(messageText, ' / ').slice(0, 600);
    return `${line - 1} ${lines[line]?.slice(0, 200) ?? ''}: ${text}`;
  });
}
