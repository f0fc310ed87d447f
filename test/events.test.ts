import { describe, expect, it } from 'vitest';
import { EventEmitter } from '../src/events.js';

type Events = { said: [text: string]; left: [] };

describe('EventEmitter', () => {
  it('calls listeners at once, in the order in which they came, each for its own event', () => {
    const emitter = new EventEmitter<Events>();
    const heard: string[] = [];
    emitter.on('said', (text) => heard.push(`first ${text}`));
    emitter.on('said', (text) => heard.push(`second ${text}`));
    emitter.on('left', () => heard.push('left'));
    emitter.emit('said', 'hello');
    expect(heard).toEqual(['first hello', 'second hello']);
  });

  it('lets a listener go, also while it is called, and calls those present when the event came', () => {
    const emitter = new EventEmitter<Events>();
    const heard: string[] = [];
    const stop = emitter.on('left', () => {
      heard.push('once');
      stop();
      emitter.on('left', () => heard.push('late'));
    });
    emitter.on('left', () => heard.push('always'));
    emitter.emit('left');
    emitter.emit('left');
    expect(heard).toEqual(['once', 'always', 'always', 'late']);
  });

  it('goes on when listeners throw, and when whoever is told of it throws as well', () => {
    const emitted: unknown[] = [];
    const emitter = new EventEmitter<Events>((error, name) => {
      emitted.push([name, error]);
      throw new Error('so does this');
    });
    const heard: string[] = [];
    const bug = new Error('a bug');
    emitter.on('said', () => {
      throw bug;
    });
    emitter.on('said', (text) => heard.push(text));
    emitter.emit('said', 'a');
    emitter.emit('said', 'b');
    expect(heard).toEqual(['a', 'b']);
    expect(emitted).toEqual([
      ['said', bug],
      ['said', bug],
    ]);
    expect(emitter.listenerErrors).toBe(2);
  });
});
