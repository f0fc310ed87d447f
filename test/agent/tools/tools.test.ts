import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callKey, CallPlan } from '../../../src/agent/tools/call-plan.js';
import { argumentsForm } from '../../../src/agent/tools/tool-arguments.js';
import { serverToolName, wireName } from '../../../src/agent/tools/tool-names.js';
import { ToolRegistry } from '../../../src/agent/tools/tool-registry.js';
import { lateMessage, outputOf } from '../../../src/agent/tools/tool-output.js';
import type { ToolLevel, ToolOptions } from '../../../src/agent/tools/tool.js';

describe('names of tools', () => {
  it.each(['look', 'a', 'take_note-2', 'x'.repeat(64)])('%s is taken as it is', (name) => {
    expect(wireName(name)).toBe(name);
  });

  it.each(['', 'a.b', 'a b', 'server/tool', '天気', 'x'.repeat(65), 'a\n'])('%j is mapped', (name) => {
    expect(wireName(name)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(wireName(name)).not.toBe(name);
  });

  it('stay different, and the same each time', () => {
    const names = ['a.b', 'a b', 'a_b', '天気', '天', `${'x'.repeat(70)}1`, `${'x'.repeat(70)}2`];
    expect(new Set(names.map(wireName)).size).toBe(names.length);
    expect(wireName('a.b')).toBe(wireName('a.b'));
    expect(wireName(serverToolName('files', 'read_file'))).toBe('files__read_file');
  });
});

describe('parameters', () => {
  it('of zod become a schema for the model, and check what it sent', () => {
    const form = argumentsForm(
      't',
      z.object({ city: z.string().describe('Which.'), days: z.int().max(7).optional() }),
    );
    expect(form.schema).toMatchObject({
      type: 'object',
      properties: { city: { type: 'string', description: 'Which.' } },
      required: ['city'],
    });
    expect(form.schema).not.toHaveProperty('$schema');
    expect(form.check('{"city":"Oslo"}')).toEqual({ kind: 'valid', args: { city: 'Oslo' } });
    expect(form.check('{"days":9}')).toMatchObject({ kind: 'invalid' });
  });

  it('of a JSON Schema go to the model as they are', () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] };
    const form = argumentsForm('t', schema);
    expect(form.schema).toBe(schema);
    expect(form.check('{"n":2,"more":true}')).toEqual({ kind: 'valid', args: { n: 2, more: true } });
    expect(form.check('{"n":0}')).toMatchObject({
      kind: 'invalid',
      problem: expect.stringMatching(/^n: /) as string,
    });
  });

  it.each([
    ['', { kind: 'valid', args: {} }],
    ['{"a":', { kind: 'invalid', problem: 'the arguments are no JSON' }],
    ['[1]', { kind: 'invalid' }],
    ['null', { kind: 'invalid' }],
    ['"text"', { kind: 'invalid' }],
  ])('text %j', (text, checked) => {
    expect(argumentsForm('t', { type: 'object' }).check(text)).toMatchObject(checked);
    // A schema with parts that cannot be checked lets every object pass, and nothing else.
    expect(argumentsForm('t', { type: 'object', if: {} }).check(text)).toMatchObject({ kind: checked.kind });
  });

  it('must be those of an object', () => {
    expect(() => argumentsForm('t', { type: 'string' })).toThrow(/parameters of the tool t must be/);
    expect(() => argumentsForm('t', z.object({ when: z.date() }))).toThrow(
      /cannot be written as a JSON Schema/,
    );
  });
});

describe('a registry', () => {
  const options = (more: Partial<ToolOptions> = {}): ToolOptions => ({
    name: 't',
    description: 'A tool.',
    parameters: { type: 'object' },
    level: 'read',
    ...more,
  });

  it('tells the model of its tools, and that those that change something are announced', () => {
    const registry = new ToolRegistry();
    let changes = 0;
    registry.events.on('changed', () => changes++);
    const remove = registry.addTool(options({ name: 'a.b', level: 'write' }), () => 1);
    registry.addTool(options(), () => 2);
    expect(registry.definitions).toBe(registry.definitions);
    expect(registry.definitions.map(({ description }) => description)).toEqual([
      'A tool. This changes something: say what you are about to do before you call it.',
      'A tool.',
    ]);
    expect(registry.find('a.b')).toBeUndefined();
    expect(registry.find(registry.definitions[0]!.name)).toMatchObject({ name: 'a.b', timeoutMs: 10_000 });
    remove();
    remove();
    expect([registry.removeTool('t'), registry.removeTool('t'), registry.definitions, changes]).toEqual([
      true,
      false,
      [],
      4,
    ]);
  });

  it('a removal of a tool does not concern a later one of the same name', () => {
    const registry = new ToolRegistry();
    const remove = registry.addTool(options(), () => 1);
    remove();
    registry.addTool(options({ description: 'Another.' }), () => 2);
    remove();
    expect(registry.all.map(({ description }) => description)).toEqual(['Another.']);
  });

  it.each([
    [{ name: '' }, /has no name/],
    [{ level: 'admin' as ToolLevel }, /t needs a level: read, write, confirm or host/],
    [{ description: 5 as unknown as string }, /needs a description/],
    [{ parameters: undefined as unknown as ToolOptions['parameters'] }, /needs parameters/],
    [{ timeoutMs: 0 }, /has a timeoutMs of 0/],
    [{ timeoutMs: Number.NaN }, /has a timeoutMs of NaN/],
  ])('refuses %j', (more, message) => {
    expect(() => new ToolRegistry().addTool(options(more), () => 1)).toThrow(message);
  });

  it('refuses a name twice, what is no handler, and the 129th', () => {
    const registry = new ToolRegistry();
    registry.addTool(options(), () => 1);
    expect(() => registry.addTool(options(), () => 1)).toThrow(/There is a tool t already/);
    expect(() => registry.addTool(options({ name: 'u' }), 'x' as never)).toThrow(/needs a handler/);
    for (let index = 1; index < 128; index++) registry.addTool(options({ name: `t${index}` }), () => 1);
    expect(() => registry.addTool(options({ name: 'more' }), () => 1)).toThrow(/one too many/);
  });
});

describe('a plan of calls', () => {
  const call = (key: string, level: ToolLevel = 'read') => ({ key, level });

  it('starts four reads, and others as those end', () => {
    const plan = new CallPlan();
    const calls = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => call(key));
    expect(calls.map((each) => plan.add(each).kind)).toEqual([
      'start',
      'start',
      'start',
      'start',
      'wait',
      'wait',
    ]);
    expect(plan.over(calls[1]!)).toEqual([calls[4]]);
    expect(plan.over(calls[1]!)).toEqual([]);
    expect(plan.over(calls[4]!)).toEqual([calls[5]]);
    expect(plan.size).toBe(4);
  });

  it('starts what changes something one after the other, whatever its level', () => {
    const plan = new CallPlan();
    const calls = [call('a', 'write'), call('b', 'host'), call('c', 'confirm'), call('d')];
    expect(calls.map((each) => plan.add(each).kind)).toEqual(['start', 'wait', 'wait', 'start']);
    expect(plan.over(calls[0]!)).toEqual([calls[1]]);
    expect(plan.over(calls[1]!)).toEqual([calls[2]]);
  });

  it('joins equal ones, and makes them again once they are over', () => {
    const plan = new CallPlan();
    const first = call('a', 'write');
    plan.add(first);
    expect(plan.add(call('a', 'write'))).toEqual({ kind: 'join', call: first });
    plan.over(first);
    expect(plan.add(call('a', 'write'))).toEqual({ kind: 'start' });
  });

  it('refuses more than 64', () => {
    const plan = new CallPlan();
    for (let index = 0; index < 64; index++) plan.add(call(String(index)));
    expect(plan.add(call('one more'))).toEqual({ kind: 'refuse' });
  });

  it('knows equal arguments whatever the order of their fields', () => {
    expect(callKey('t', { a: 1, b: { d: [1, 2], c: null } })).toBe(
      callKey('t', { b: { c: null, d: [1, 2] }, a: 1 }),
    );
    expect(callKey('t', { a: [1, 2] })).not.toBe(callKey('t', { a: [2, 1] }));
    expect(callKey('t', {})).not.toBe(callKey('u', {}));
  });
});

describe('outputs', () => {
  const read = (text: string): unknown => JSON.parse(text) as unknown;

  it('are JSON, whatever is in them', () => {
    expect(read(outputOf({ kind: 'done', result: 'a "quoted" {text}\r\nand \u202emore' }))).toMatchObject({
      result: 'a "quoted" {text}\nand more',
    });
    expect(read(outputOf({ kind: 'done', result: [1, { a: 2 }] }))).toMatchObject({ result: '[1,{"a":2}]' });
    expect(read(lateMessage('t', { kind: 'failed', problem: 'gone' }))).toMatchObject({
      late_result_of: 't',
      status: 'failed',
      problem: 'gone',
    });
  });

  it('are cut at 4,000 characters, never within one', () => {
    const { result } = read(outputOf({ kind: 'done', result: '😀'.repeat(3_000) })) as { result: string };
    expect(result.length).toBeLessThanOrEqual(4_000);
    expect(result).toMatch(/^(?:😀)+…$/u);
    expect(read(outputOf({ kind: 'done', result: 'x'.repeat(4_000) }))).not.toHaveProperty('note');
  });
});
