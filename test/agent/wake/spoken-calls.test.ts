/** What is spoken and recognised calls the agent as what is written does: every phrase of the phrasebook, a trap among them. */
import { beforeAll, expect, it } from 'vitest';
import { loadResampler } from '../../../audio/resampler.js';
import { wakeOf } from '../../../src/agent/wake/wake.js';
import type { Rendering } from '../../../src/embedded/phrasebook/phrasebook.js';
import { Recogniser } from '../../../src/embedded/phrasebook/recogniser.js';
import { loadBook, renderingsOf } from '../../embedded/phrasebook/book.js';
import { asTurn, concat, silence } from '../../embedded/phrasebook/degrade.js';

let recogniser: Recogniser;
let renderings: Rendering[];

beforeAll(async () => {
  await loadResampler();
  const book = await loadBook();
  recogniser = new Recogniser(book);
  renderings = renderingsOf(book);
});

const transcriptOf = (pcm: Int16Array): string => {
  const said = recogniser.recognise(asTurn(pcm));
  expect(said).toBeDefined();
  return said!.map(({ text }) => text).join(' ');
};

const CALLS = [
  'es/which-room-parley',
  'en/which-room-parley',
  'de/which-room-parley',
  'fr/which-room-parley',
];

it.each([true, false])(
  'of all spoken phrases those that are said to it call it (language known: %s)',
  (known) => {
    const called = renderings
      .filter(({ pcm24k, language }) => {
        const wake = wakeOf(transcriptOf(pcm24k), ['Parley'], known ? [language] : []);
        return wake?.kind === 'called';
      })
      .map(({ language, phraseId }) => `${language}/${phraseId}`);
    expect(called.toSorted()).toEqual(CALLS.toSorted());
  },
);

it.each(['es', 'en', 'de', 'fr'])('a call after another sentence, and a trap before it: %s', (language) => {
  const of = (id: string): Rendering =>
    renderings.find((each) => each.language === language && each.phraseId === id)!;
  const both = transcriptOf(
    concat(of('parley-interprets').pcm24k, silence(400), of('which-room-parley').pcm24k),
  );
  const request = of('which-room-parley').text.replace('Parley, ', '').replace(/\s\?$/u, '?');
  expect(wakeOf(both, ['Parley'], [language])).toEqual({ kind: 'called', request });
});
