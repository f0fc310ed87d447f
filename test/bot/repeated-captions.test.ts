import { describe, expect, it } from 'vitest';
import { RepeatedCaptions } from '../../src/bot/repeated-captions.js';
import { caption, MEETING } from '../cli/join/samples.js';

describe('ToldCaptions', () => {
  it('words are news once, whatever is marked later, and again when they are corrected', () => {
    const emitted = new RepeatedCaptions();
    const news = (change: Parameters<typeof caption>[0]) => emitted.isNews(caption(change));
    expect(news({ final: false })).toBe(true);
    expect(news({})).toBe(true);
    expect(news({ mark: 'cut' })).toBe(false);
    expect(news({ translatedText: 'Hello there', mark: 'cut' })).toBe(true);
    expect(news({ turnId: 't2' })).toBe(true);
  });

  it('what is withdrawn has no words, and what is no caption is always news', () => {
    const emitted = new RepeatedCaptions();
    expect(emitted.isNews(caption({ sourceText: '', translatedText: '' }))).toBe(false);
    for (const event of MEETING) if (event.type !== 'caption') expect(emitted.isNews(event)).toBe(true);
  });

  it('forgets old segments only', () => {
    const emitted = new RepeatedCaptions();
    for (let n = 0; n < 300; n++) emitted.isNews(caption({ turnId: `t${n}` }));
    expect(emitted.isNews(caption({ turnId: 't299' }))).toBe(false);
    expect(emitted.isNews(caption({ turnId: 't0' }))).toBe(true);
  });
});
