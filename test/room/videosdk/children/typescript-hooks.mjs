/**
 * Lets a child process run this project's TypeScript: Node's module hooks, with TypeScript's own transpiler and a cache by
 * content. Registered by `register.mjs`.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cacheFolder = new URL('../../../../node_modules/.cache/parley-children/', import.meta.url);
const require = createRequire(import.meta.url);

/** `./x.js` is `./x.ts` where that exists. */
export async function resolve(specifier, context, nextResolve) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.startsWith('file:')) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(url)) return { url: url.href, shortCircuit: true, format: 'module' };
  }
  return nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  return { format: 'module', shortCircuit: true, source: await transpile(fileURLToPath(url)) };
}

async function transpile(fileName) {
  const text = await readFile(fileName, 'utf8');
  const key = createHash('sha256').update(fileName).update(text).digest('hex');
  const cached = new URL(`${key}.mjs`, cacheFolder);
  const known = await readFile(cached, 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  const ts = require('typescript');
  const { outputText } = ts.transpileModule(text, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  });
  await mkdir(cacheFolder, { recursive: true });
  const fresh = new URL(`${key}.${process.pid}.tmp`, cacheFolder);
  await writeFile(fresh, outputText);
  await rename(fresh, cached);
  return outputText;
}
