/** What is played of whom and how loud: by the client itself, and by elements of the page. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parleyClient, type ParleyClientOptions, type Problem } from '../../src/client/index.js';
import {
  browser,
  FakeAudio,
  FakeElement,
  FakeMediaStream,
  FakeMeeting,
  FakeTrack,
  playedIn,
  useFakeBrowser,
  useRealBrowser,
} from './fake-meeting.js';

const LOUD = 0.1;
const SPANISH = { parley: { channel: 'es' } };
const ENGLISH = { parley: { channel: 'en' } };

beforeEach(useFakeBrowser);
afterEach(useRealBrowser);

function enter(options: Partial<ParleyClientOptions> = {}) {
  const meeting = new FakeMeeting();
  const parley = parleyClient(meeting, {
    language: 'en',
    isInterpreter: (id) => id.startsWith('parley-'),
    ...options,
  });
  meeting.join();
  return { meeting, parley };
}
const passMs = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a page that lets the client play', () => {
  test('asks for those who are to be heard, and no others', () => {
    const { meeting, parley } = enter();
    const early = meeting.come('guest-1');
    parley.playEveryone();
    const main = meeting.come('parley-1');
    const english = meeting.come('parley-1-en', ENGLISH);
    const spanish = meeting.come('parley-1-es', SPANISH);
    const asked = () => [early, main, english, spanish].map((participant) => participant.asked.join());
    expect(asked()).toEqual(['consume', 'consume', 'consume', '']);
    parley.askForLanguage('es');
    expect(asked()).toEqual(['consume', 'consume', 'consume,stop', 'consume']);
    parley.outputChannel = 'off';
    expect(asked()).toEqual(['consume', 'consume,stop', 'consume,stop', 'consume,stop']);
  });

  test('asks for nobody before it is told to play', () => {
    const { meeting } = enter();
    const guest = meeting.come('guest-1');
    guest.speak();
    expect(guest.asked).toEqual([]);
    expect(playedIn()).toEqual({});
  });

  test('each voice has an element while it is there', () => {
    const { meeting, parley } = enter();
    const parent = new FakeElement();
    parley.playEveryone(parent as unknown as HTMLElement);
    const guest = meeting.come('guest-1');
    expect(playedIn(parent)).toEqual({});
    const track = guest.speak();
    expect(playedIn(parent)).toEqual({ 'guest-1': 100 });
    const [element] = parent.children;
    expect((element!.srcObject as FakeMediaStream).tracks).toEqual([track]);
    expect(element!.isPlaying).toBe(true);
    guest.emit('stream-enabled', { kind: 'video' });
    guest.emit('stream-disabled', { kind: 'video' });
    expect(parent.children.size).toBe(1);
    guest.mute();
    expect(playedIn(parent)).toEqual({});
    guest.speak();
    meeting.go(guest);
    expect(playedIn(parent)).toEqual({});
    expect(guest.listenerCount).toBe(0);
  });

  test('voices that sound already are played', () => {
    const { meeting, parley } = enter();
    meeting.come('guest-1').speak();
    parley.playEveryone();
    expect(playedIn()).toEqual({ 'guest-1': 100 });
  });

  test('after an outage the new participant counts, not the old one', () => {
    const { meeting, parley } = enter();
    parley.playEveryone();
    const former = meeting.come('guest-1');
    former.speak();
    meeting.join(['guest-1']);
    const again = meeting.come('guest-1');
    expect(playedIn()).toEqual({});
    again.speak();
    former.mute();
    expect(playedIn()).toEqual({ 'guest-1': 100 });
    expect(again.asked).toEqual(['consume']);
  });

  test('somebody who cannot be received is told of', async () => {
    const { meeting, parley } = enter();
    const problems: Problem[] = [];
    parley.on('problem', (problem) => problems.push(problem));
    const guest = meeting.come('guest-1');
    guest.consumeError = new Error('no transport');
    parley.playEveryone();
    await passMs(0);
    expect(problems).toEqual([{ what: 'audio', participantId: 'guest-1', cause: guest.consumeError }]);
  });

  test('a browser that wants a click first says so, and plays after it', async () => {
    const { meeting, parley } = enter();
    const blocked: boolean[] = [];
    parley.on('audio-blocked', (is) => blocked.push(is));
    parley.playEveryone();
    browser.isBlocked = true;
    meeting.come('guest-1').speak();
    await passMs(0);
    expect(blocked).toEqual([true]);
    await parley.resumeAudio();
    expect(blocked).toEqual([true, true]);
    browser.isBlocked = false;
    await parley.resumeAudio();
    expect(blocked).toEqual([true, true, false]);
    expect([...browser.body.children][0]!.isPlaying).toBe(true);
  });

  test('nothing is left of it at the end', async () => {
    const { meeting, parley } = enter();
    parley.playEveryone();
    const guest = meeting.come('guest-1');
    guest.speak();
    meeting.come('parley-1').speak();
    await passMs(100);
    expect(browser.contexts).toBe(1);
    parley.close();
    expect(playedIn()).toEqual({});
    expect(guest.listenerCount).toBe(0);
    expect(browser.contexts).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('volumes', () => {
  test('the originals step back while a translation sounds, and come back after it, in steps', async () => {
    const { meeting, parley } = enter();
    const translating: boolean[] = [];
    parley.on('translating', (is) => translating.push(is));
    parley.playEveryone();
    meeting.come('guest-1').speak();
    const track = meeting.come('parley-1').speak();
    await passMs(1_000);
    expect(playedIn()).toEqual({ 'guest-1': 100, 'parley-1': 100 });
    track.amplitude = LOUD;
    await passMs(20);
    expect(playedIn()['guest-1']).toBe(90);
    await passMs(20);
    expect(playedIn()['guest-1']).toBe(80);
    await passMs(200);
    expect(playedIn()).toEqual({ 'guest-1': 16, 'parley-1': 100 });
    expect(parley.isTranslating).toBe(true);
    track.amplitude = 0.001;
    await passMs(580);
    expect(playedIn()['guest-1']).toBe(16);
    await passMs(300);
    expect(playedIn()['guest-1']).toBe(100);
    expect(parley.isTranslating).toBe(false);
    expect(translating).toEqual([true, false]);
  });

  test('follow the balance', async () => {
    const { meeting, parley } = enter({ balance: 1 });
    parley.playEveryone();
    meeting.come('guest-1').speak();
    const track = meeting.come('parley-1').speak();
    track.amplitude = LOUD;
    await passMs(400);
    expect(playedIn()).toEqual({ 'guest-1': 0, 'parley-1': 100 });
    parley.balance = 0.25;
    await passMs(400);
    expect(playedIn()).toEqual({ 'guest-1': 100, 'parley-1': 50 });
    parley.balance = -3;
    expect(parley.balance).toBe(0);
    parley.balance = 7;
    expect(parley.balance).toBe(1);
  });

  test('people do not step back for a channel that is not heard, nor for somebody else', async () => {
    const { meeting, parley } = enter();
    parley.playEveryone();
    const guest = meeting.come('guest-1').speak();
    const spanish = meeting.come('parley-1-es', SPANISH).speak();
    meeting.come('guest-2').speak();
    guest.amplitude = spanish.amplitude = LOUD;
    await passMs(1_000);
    expect(playedIn()).toEqual({ 'guest-1': 100, 'parley-1-es': 0, 'guest-2': 100 });
    parley.outputChannel = 'es';
    await passMs(1_000);
    expect(playedIn()).toEqual({ 'guest-1': 16, 'parley-1-es': 100, 'guest-2': 16 });
  });

  test('a translation whose voice goes away in mid-word leaves the originals at their volume', async () => {
    const { meeting, parley } = enter();
    parley.playEveryone();
    meeting.come('guest-1').speak();
    const bot = meeting.come('parley-1');
    bot.speak().amplitude = LOUD;
    await passMs(400);
    meeting.go(bot);
    await passMs(1_000);
    expect(playedIn()).toEqual({ 'guest-1': 100 });
  });

  test('where a page cannot set them, what should be soft is muted', async () => {
    class FixedAudio extends FakeAudio {
      constructor() {
        super();
        Object.defineProperty(this, 'volume', { get: () => 1, set: () => undefined });
      }
    }
    vi.stubGlobal('document', { body: browser.body, createElement: () => new FixedAudio() });
    const { meeting, parley } = enter();
    parley.playEveryone();
    meeting.come('guest-1').speak();
    const track = meeting.come('parley-1').speak();
    track.amplitude = LOUD;
    await passMs(400);
    expect(playedIn()).toEqual({ 'guest-1': 0, 'parley-1': 100 });
    track.amplitude = 0;
    await passMs(1_000);
    expect(playedIn()).toEqual({ 'guest-1': 100, 'parley-1': 100 });
  });
});

describe('elements of the page', () => {
  const elementOf = (track?: FakeTrack) => {
    const audio = new FakeAudio();
    audio.srcObject = track === undefined ? null : new FakeMediaStream([track]);
    return audio;
  };
  const attach = (parley: ReturnType<typeof parleyClient>, id: string, audio: FakeAudio) =>
    parley.attach(id, audio as unknown as HTMLMediaElement);

  test('are as loud as they should be while they are attached, and as before after that', async () => {
    const { meeting, parley } = enter();
    const guest = meeting.come('guest-1');
    meeting.come('parley-1-en', ENGLISH);
    meeting.come('parley-1-es', SPANISH);
    const voice = new FakeTrack();
    const [person, english, spanish] = [elementOf(), elementOf(), elementOf()];
    const detach = attach(parley, 'guest-1', person);
    attach(parley, 'parley-1-en', english);
    attach(parley, 'parley-1-es', spanish);
    english.srcObject = new FakeMediaStream([]);
    await passMs(100);
    english.srcObject = new FakeMediaStream([voice]); // given to the element later on
    voice.amplitude = LOUD;
    await passMs(400);
    expect(person.volume).toBeCloseTo(0.16);
    expect([english.muted, spanish.muted]).toEqual([false, true]);
    expect(guest.asked).toEqual([]); // consuming is the page's own business
    detach();
    expect(person.volume).toBe(1);
    await passMs(400);
    expect(person.volume).toBe(1);
    parley.close();
    expect(spanish.muted).toBe(false);
  });

  test('that the page has muted stay muted', async () => {
    const { meeting, parley } = enter();
    meeting.come('parley-1-es', SPANISH);
    const audio = elementOf(new FakeTrack());
    audio.muted = true;
    const detach = attach(parley, 'parley-1-es', audio);
    parley.outputChannel = 'es';
    await passMs(100);
    expect(audio.muted).toBe(true);
    detach();
    expect(audio.muted).toBe(true);
  });

  test('no time passes for a page without any', () => {
    const { meeting, parley } = enter();
    meeting.come('guest-1');
    expect(vi.getTimerCount()).toBe(0);
    const detach = attach(parley, 'guest-1', elementOf());
    expect(vi.getTimerCount()).toBe(1);
    detach();
    expect(vi.getTimerCount()).toBe(0);
  });
});
