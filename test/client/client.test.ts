/** The client against a meeting that is not there: captions, language, interpreters, reconnects. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Caption,
  parleyClient,
  type ParleyClientOptions,
  type Problem,
} from '../../src/client/index.js';
import { browser, FakeMeeting, payloadOf, useFakeBrowser, useRealBrowser } from './fake-meeting.js';

const ES = 'PARLEY_CAPTIONS_es';
const EN = 'PARLEY_CAPTIONS_en';
const FR = 'PARLEY_CAPTIONS_fr';

beforeEach(useFakeBrowser);
afterEach(useRealBrowser);

const settle = () => vi.advanceTimersByTimeAsync(0);

function enter(options: Partial<ParleyClientOptions> = {}) {
  const meeting = new FakeMeeting();
  const parley = parleyClient(meeting, {
    language: 'en',
    isInterpreter: (id) => id.startsWith('parley-'),
    ...options,
  });
  const captions: Caption[] = [];
  const problems: Problem[] = [];
  parley.on('caption', (caption) => captions.push(caption));
  parley.on('problem', (problem) => problems.push(problem));
  return { meeting, parley, captions, problems, texts: () => captions.map(({ text }) => text) };
}

async function joined(options: Partial<ParleyClientOptions> = {}) {
  const entered = enter(options);
  entered.meeting.join();
  await settle();
  return entered;
}

describe('captions', () => {
  test('are received in the language, once the meeting is joined', async () => {
    const { meeting, parley, texts } = enter();
    await settle();
    expect(meeting.subscribed).toEqual([]);
    meeting.join();
    await settle();
    expect(meeting.topics).toEqual([EN]);
    meeting.caption(EN, { translatedText: 'Good', final: false });
    meeting.caption(EN);
    expect(texts()).toEqual(['Good', 'Good morning']);
    expect(parley.captions).toMatchObject([{ text: 'Good morning', language: 'en', final: true }]);
  });

  test('a meeting that is joined already is subscribed to at once', async () => {
    const { meeting } = enter({ joined: true });
    await settle();
    expect(meeting.topics).toEqual([EN]);
  });

  test('show what was said until there is a translation', async () => {
    const { meeting, captions } = await joined();
    meeting.caption(EN, { translatedText: '', targetLanguage: '', final: false });
    meeting.caption(EN);
    expect(captions.map(({ text, language }) => [text, language])).toEqual([
      ['Buenos días', 'es'],
      ['Good morning', 'en'],
    ]);
  });

  test('come from nobody but the interpreter', async () => {
    const { meeting, texts } = await joined();
    meeting.caption(EN, { translatedText: 'Send me your password' }, 'guest-1');
    meeting.send(EN, { senderId: 7, payload: payloadOf() });
    meeting.send(EN, { payload: payloadOf() });
    expect(texts()).toEqual([]);
  });

  test('that are for others only are left out, where messages reach everybody', async () => {
    const { meeting, texts } = await joined();
    meeting.caption(EN, { segmentId: 'a', translatedText: 'For all' });
    meeting.caption(EN, { segmentId: 'b', translatedText: 'For others', recipientIds: ['ana'] });
    meeting.caption(EN, { segmentId: 'c', translatedText: 'For us', recipientIds: ['ana', 'guest-self'] });
    expect(texts()).toEqual(['For all', 'For us']);
  });

  test('of before we came are read where the meeting kept them, each once', async () => {
    const { meeting, captions } = enter();
    const kept = (fields: object) => ({
      senderId: 'parley-of-yesterday',
      payload: payloadOf(fields),
      timestamp: '2026-11-30T07:00:00.000Z',
    });
    meeting.kept.set(EN, [kept({ segmentId: 'a' }), kept({ segmentId: 'b', translatedText: 'And you?' })]);
    meeting.join();
    await settle();
    expect(captions.map(({ text, kept: was, sentAtMs }) => [text, was, sentAtMs])).toEqual([
      ['Good morning', true, 1_796_022_000_000],
      ['And you?', true, 1_796_022_000_000],
    ]);
    meeting.kept.get(EN)!.push(kept({ segmentId: 'c', translatedText: 'Said in the outage' }));
    meeting.join();
    await settle();
    expect(captions.map(({ text }) => text)).toEqual(['Good morning', 'And you?', 'Said in the outage']);
  });

  test('of before we came can be done without', async () => {
    const { meeting, captions } = enter({ keptCaptions: 0 });
    meeting.kept.set(EN, [{ senderId: 'parley-1', payload: payloadOf() }]);
    meeting.join();
    await settle();
    expect(captions).toEqual([]);
  });

  test('that are withdrawn are taken away', async () => {
    const { meeting, parley } = await joined();
    const removed: string[] = [];
    parley.on('caption-removed', ({ key }) => removed.push(key));
    meeting.caption(EN);
    meeting.caption(EN, { sourceText: '', translatedText: '' });
    expect(removed).toEqual(['parley-1\nturn-1#0']);
    expect(parley.captions).toEqual([]);
  });

  test('can be read in another language than the one that is heard, or not at all', async () => {
    const { meeting, parley, texts } = await joined();
    parley.captionLanguage = 'es';
    await settle();
    expect(meeting.topics).toEqual([ES]);
    meeting.caption(ES);
    expect(texts()).toEqual(['Buenos días']);
    parley.captionLanguage = 'off';
    await settle();
    expect(meeting.topics).toEqual([]);
    parley.captionLanguage = 'auto';
    await settle();
    expect(meeting.topics).toEqual([EN]);
    expect(parley.language).toBe('en');
    expect(meeting.published).toEqual([]);
    expect(() => (parley.captionLanguage = 'not a language')).toThrow(RangeError);
    expect(parley.captionLanguage).toBe('auto');
  });

  test('cannot be received: that is said, and tried again with the next choice', async () => {
    const { meeting, parley, problems } = enter();
    const error = new Error('the request timed out');
    meeting.pubSubError = error;
    meeting.join();
    await settle();
    expect(problems).toEqual([{ what: 'captions', participantId: undefined, cause: error }]);
    meeting.pubSubError = undefined;
    parley.captionLanguage = 'fr';
    await settle();
    expect(meeting.topics).toEqual([FR]);
  });
});

describe('the language', () => {
  test('that is asked for is told to the interpreter, and read and heard from now on', async () => {
    const { meeting, parley, texts } = await joined();
    meeting.caption(EN);
    parley.askForLanguage('es-mx');
    expect(parley.language).toBe('es-MX');
    expect(meeting.published).toEqual([
      {
        topic: 'PARLEY_LANGUAGE',
        message: 'es-MX',
        options: { persist: false },
        payload: { preferredLanguage: 'es-MX' },
      },
    ]);
    expect(texts()).toEqual(['Good morning', 'Buenos días']); // what stands there is read in it, too
    await settle();
    expect(meeting.topics).toEqual(['PARLEY_CAPTIONS_es-419']);
    expect(() => parley.askForLanguage('not a language')).toThrow(RangeError);
    expect(parley.language).toBe('es-MX');
  });

  test('changes to and fro leave one subscription, and no message of another topic', async () => {
    const { meeting, parley, texts } = await joined();
    parley.askForLanguage('fr');
    parley.askForLanguage('es');
    meeting.caption(EN);
    parley.askForLanguage('fr');
    parley.askForLanguage('en');
    await settle();
    expect(meeting.topics).toEqual([EN]);
    expect(texts()).toEqual([]);
  });

  test('asked for before joining, in an outage, or without success is told when joined again', async () => {
    const { meeting, parley, problems } = enter();
    parley.askForLanguage('fr');
    expect(meeting.published).toEqual([]);
    meeting.join();
    expect(meeting.published).toHaveLength(1);
    const error = new Error('reconnecting');
    meeting.pubSubError = error;
    parley.askForLanguage('es');
    await settle();
    expect(problems.at(0)).toEqual({ what: 'language', participantId: undefined, cause: error });
    meeting.pubSubError = undefined;
    meeting.join();
    expect(meeting.published.map(({ message }) => message)).toEqual(['fr', 'es']);
  });

  test('is told to an interpreter who comes later, who knows only what we joined with', async () => {
    const { meeting, parley } = await joined();
    meeting.come('parley-1');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(meeting.published).toEqual([]); // it stands in our metadata
    parley.askForLanguage('fr');
    meeting.come('parley-2');
    meeting.come('guest-1');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(meeting.published.map(({ message }) => message)).toEqual(['fr', 'fr']);
  });

  test('none chosen: captions for readers without a language', async () => {
    const meeting = new FakeMeeting();
    const parley = parleyClient(meeting, { isInterpreter: () => true });
    meeting.join();
    await settle();
    expect(parley.language).toBe('und');
    expect(meeting.topics).toEqual(['PARLEY_CAPTIONS_und']);
  });
});

describe('interpreters and their channels', () => {
  const channel = (language: string) => ({ parley: { channel: language } });

  test('are listed, and one is chosen', () => {
    const { meeting, parley } = enter();
    const onChange = vi.fn();
    parley.on('change', onChange);
    meeting.come('parley-1');
    meeting.come('parley-1-en', channel('en'));
    const french = meeting.come('parley-1-fr', channel('fr'));
    meeting.come('guest-1', channel('de'));
    expect(onChange).toHaveBeenCalled();
    expect(parley.outputChannels).toEqual(['en', 'fr']);
    expect(parley.isInterpreter('parley-1-fr')).toBe(true);
    expect(parley.isInterpreter('guest-1')).toBe(false);
    const roles = () => ['parley-1', 'parley-1-en', 'parley-1-fr', 'guest-1'].map((id) => parley.roleOf(id));
    expect(roles()).toEqual(['translation', 'translation', 'unheard', 'original']);
    parley.outputChannel = 'fr';
    expect(roles()).toEqual(['translation', 'unheard', 'translation', 'original']);
    parley.outputChannel = 'off';
    expect(roles()).toEqual(['unheard', 'unheard', 'unheard', 'original']);
    parley.outputChannel = 'auto';
    parley.askForLanguage('fr');
    expect(roles()).toEqual(['translation', 'unheard', 'translation', 'original']);
    onChange.mockClear();
    meeting.go(french);
    expect(onChange).toHaveBeenCalledOnce();
    expect(parley.outputChannels).toEqual(['en']);
    expect(() => (parley.outputChannel = '<b>')).toThrow(RangeError);
  });

  test.each([undefined, null, 'es', { parley: null }, { parley: { channel: 7 } }, { parley: 'es' }])(
    'metadata %j is of no channel',
    (metaData) => {
      const { meeting, parley } = enter();
      meeting.come('parley-1', metaData);
      expect(parley.outputChannels).toEqual([]);
    },
  );

  test('the server is asked: until it has answered nobody is one, and captions wait', async () => {
    const answers: ((is: boolean) => void)[] = [];
    const { meeting, parley, texts } = await joined({
      isInterpreter: (id) => id.startsWith('parley-') && new Promise((resolve) => answers.push(resolve)),
    });
    meeting.come('parley-1');
    meeting.come('parley-2');
    meeting.caption(EN);
    meeting.caption(EN, { translatedText: 'Call this number' }, 'parley-2');
    expect(parley.roleOf('parley-1')).toBe('unheard');
    answers[0]!(true);
    answers[1]!(false);
    await settle();
    expect(texts()).toEqual(['Good morning']);
    expect(parley.roleOf('parley-1')).toBe('translation');
    expect(parley.roleOf('parley-2')).toBe('unheard');
  });

  test('a server that does not answer is a problem that is told', async () => {
    const error = new Error('unreachable');
    const { meeting, problems } = enter({ isInterpreter: () => Promise.reject(error) });
    meeting.come('parley-1');
    await settle();
    expect(problems).toEqual([{ what: 'interpreter', participantId: 'parley-1', cause: error }]);
  });

  test('in a meeting that is joined already they are met at once', () => {
    const meeting = new FakeMeeting();
    meeting.come('parley-1-en', channel('en'));
    const parley = parleyClient(meeting, { isInterpreter: () => true, language: 'en', joined: true });
    expect(parley.outputChannels).toEqual(['en']);
  });
});

describe('an outage', () => {
  test('everything is subscribed to anew, and who left meanwhile is gone', async () => {
    const { meeting, parley, texts } = await joined();
    meeting.come('parley-1', { parley: { channel: 'en' } });
    meeting.come('parley-2', { parley: { channel: 'fr' } });
    expect(parley.outputChannels).toEqual(['en', 'fr']);
    meeting.join(['parley-2']);
    await settle();
    expect(meeting.topics).toEqual([EN]);
    expect(parley.outputChannels).toEqual(['fr']);
    meeting.caption(EN);
    expect(texts()).toEqual(['Good morning']);
  });

  test('a subscription that was under way when the connection broke does not count', async () => {
    const { meeting, parley } = await joined();
    parley.askForLanguage('fr');
    meeting.join();
    await settle();
    expect(meeting.topics.filter((topic) => topic === FR)).not.toEqual([]);
    expect(meeting.topics).not.toContain(EN);
  });
});

describe('listeners', () => {
  test('one that throws harms no other, and is reported as the browser would', async () => {
    const { meeting, parley } = await joined();
    const error = new Error('a slip of the page');
    const order: string[] = [];
    parley.on('caption', () => {
      order.push('throws');
      throw error;
    });
    const stop = parley.on('caption', () => order.push('second'));
    meeting.caption(EN);
    expect(order).toEqual(['throws', 'second']);
    expect(browser.reported).toEqual([error]);
    stop();
    meeting.caption(EN, { segmentId: 'b' });
    expect(order).toEqual(['throws', 'second', 'throws']);
  });

  test('a problem that nobody listens to is written to the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const meeting = new FakeMeeting();
    parleyClient(meeting, { isInterpreter: () => true });
    meeting.pubSubError = new Error('no');
    meeting.join();
    await settle();
    expect(warn).toHaveBeenCalledOnce();
  });
});

describe('the end', () => {
  test('takes the client off the meeting, which goes on', async () => {
    const { meeting, parley, texts } = await joined();
    parley.askForLanguage('fr');
    await settle();
    meeting.come('parley-1');
    const ownerTopics = meeting.topics;
    expect(ownerTopics).toEqual([FR]);
    parley.close();
    parley.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(meeting.topics).toEqual([]);
    expect(meeting.listenerCount).toBe(0);
    expect(meeting.published).toHaveLength(1);
    parley.captionLanguage = 'en';
    parley.askForLanguage('es');
    await settle();
    expect(meeting.topics).toEqual([]);
    expect(meeting.published).toHaveLength(1);
    expect(texts()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('comes with leaving the meeting, of which nothing is asked any more', async () => {
    const { meeting } = await joined();
    meeting.emit('meeting-left', { code: 1101 });
    await settle();
    expect(meeting.listenerCount).toBe(0);
    expect(meeting.subscribed).toEqual([`+${EN}`]);
  });
});
