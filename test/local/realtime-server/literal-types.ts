/** Compiles events, written out as object literals, against the types of the openai package. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const FILE = fileURLToPath(new URL('./generated-literals.ts', import.meta.url));

/**
 * What the live API sends beyond the typed session: the package declares these three on its REST session object
 * (`RealtimeSessionCreateResponse`) and not on the one its events use.
 */
const LIVE_SESSION_FIELDS = `declare module 'openai/resources/realtime/realtime' {
  interface RealtimeSessionCreateRequest { id?: string; object?: 'realtime.session'; expires_at?: number }
}`;

/** The compiler's complaints about `events` as literals of `typeName`, excess properties included; empty when all fit. */
export function literalTypeErrors(
  events: readonly unknown[],
  typeName: 'RealtimeServerEvent' | 'RealtimeClientEvent' = 'RealtimeServerEvent',
): string[] {
  const source = [
    `import type { ${typeName} } from 'openai/resources/realtime/realtime';`,
    LIVE_SESSION_FIELDS,
    ...events.map((event, index) => `export const e${index}: ${typeName} = ${JSON.stringify(event)};`),
  ].join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    types: [],
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === FILE || disk.fileExists(name),
    readFile: (name) => (name === FILE ? source : disk.readFile(name)),
    getSourceFile: (name, language) =>
      name === FILE ? ts.createSourceFile(name, source, language) : disk.getSourceFile(name, language),
  };
  const program = ts.createProgram([FILE], options, host);
  return program
    .getSemanticDiagnostics(program.getSourceFile(FILE))
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}
