/** Meetings of the fixtures with each engine: the same phrases, in the same languages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineChoice } from '../../../src/interpreter/plan/engine.js';
import type { MeetingDocument } from '../../../src/replay/meeting/document.js';
import { replayed } from './replayed.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-engines-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** What was said, and what readers and listeners got of it. */
function essence({ phrases, captions, totals }: MeetingDocument): unknown {
  const { heard, cut, captionsOnly } = totals;
  return {
    phrases: phrases.map(({ speakerId, sourceText, sourceLanguage, translations }) => ({
      speakerId,
      sourceText,
      sourceLanguage,
      translations: translations.map(({ to, text, voiceId }) => ({ to, text, voiceId })),
    })),
    captions: captions.map(({ language, cues }) => ({ language, cues })),
    totals: { heard, cut, captionsOnly },
  };
}

const with_ = async (meeting: string, asked: EngineChoice, bargeIn: 'others' | 'off' = 'others') =>
  replayed(meeting, join(dir, asked), { bargeIn, engine: asked });

describe('each engine', () => {
  it('gives the same of a meeting', async () => {
    const conversation = await with_('two-people', 'conversation');
    const translate = await with_('two-people', 'translate');
    expect(essence(translate)).toEqual(essence(conversation));
    expect(new Set(conversation.engines.map(({ engine }) => engine))).toEqual(new Set(['conversation']));
    expect(new Set(translate.engines.map(({ engine }) => engine))).toEqual(new Set(['translate']));
  });

  it('equal runs of the translate engine are equal to the last millisecond', async () => {
    const [first, second] = [await with_('two-people', 'translate'), await with_('two-people', 'translate')];
    expect(second).toEqual(first);
  });
});
