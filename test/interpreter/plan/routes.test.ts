import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changesBetween,
  planRoutes,
  type PlanOptions,
  type RoutedPerson,
  type RouteSpec,
} from '../../../src/interpreter/plan/routes.js';
import { sameLanguage } from '../../../src/languages/languages.js';
import { canRewrite } from '../../../src/languages/rewriting.js';
import { sameWriting } from '../../../src/languages/written-languages.js';

/**
 * `ana:es` prefers and speaks Spanish; `ana:en<es,en` prefers English and speaks both; `ana:en<~es` was heard to speak
 * Spanish; `ana:?` said nothing.
 */
function person(text: string): RoutedPerson {
  const [id = '', languages = ''] = text.split(':');
  const [preferred = '', spoken] = languages.split('<');
  const prefers = preferred === '?' ? undefined : preferred;
  const speaks = spoken?.replace('~', '').split(',') ?? (prefers === undefined ? [] : [prefers]);
  return { id, prefers, speaks, heard: spoken?.startsWith('~') === true };
}

/** `ana es>en *` translates Ana's Spanish into English and transcribes her; `ana es>-` only transcribes. */
function text({ speakerId, from, to, transcribes, written, listenerIds }: RouteSpec): string {
  const spoken = from.length === 0 ? '?' : from.join('+');
  return `${speakerId} ${spoken}>${to ?? '-'} for ${listenerIds.join('+')}${transcribes ? ' *' : ''}${written === true ? ' (read)' : ''}`;
}

function plan(people: string, options?: PlanOptions): string[] {
  return planRoutes(people === '' ? [] : people.split(' ').map(person), options).routes.map(text);
}

describe('planRoutes: who needs what', () => {
  const goldens: [name: string, people: string, routes: string[]][] = [
    ['nobody', '', []],
    ['one person', 'ana:es', []],
    ['two of one language', 'ana:es bob:es', []],
    ['two of one language, whatever the region', 'ana:es-MX bob:es-ES', []],
    ['two of one language, whatever the script', 'ana:zh-Hans bob:zh-TW', []],
    ['two written standards of one language', 'ana:nb bob:nn', []],
    ['two languages', 'ana:es bob:en', ['ana es>en for bob *', 'bob en>es for ana *']],
    ['two languages of one script', 'ana:pt bob:es', ['ana pt>es for bob *', 'bob es>pt for ana *']],
    [
      'three people, two languages',
      'ana:es bob:en eve:en',
      ['ana es>en for bob+eve *', 'bob en>es for ana *', 'eve en>es for ana *'],
    ],
    [
      'three people, three languages',
      'ana:es bob:en eve:fr',
      [
        'eve fr>en for bob *',
        'ana es>en for bob *',
        'bob en>es for ana *',
        'eve fr>es for ana',
        'ana es>fr for eve',
        'bob en>fr for eve',
      ].sort(),
    ],
    [
      'four people, four languages: each into three',
      'a:es b:en c:fr d:de',
      [
        ...['a es>de for d *', 'b en>de for d *', 'c fr>de for d *'],
        ...['a es>en for b', 'c fr>en for b', 'd de>en for b *'],
        ...['b en>es for a', 'c fr>es for a', 'd de>es for a'],
        ...['a es>fr for c', 'b en>fr for c', 'd de>fr for c'],
      ].sort(),
    ],
    [
      'six people, two languages: nobody is translated twice',
      'a:es b:es c:es d:en e:en f:en',
      [
        ...['a es>en for d+e+f *', 'b es>en for d+e+f *', 'c es>en for d+e+f *'],
        ...['d en>es for a+b+c *', 'e en>es for a+b+c *', 'f en>es for a+b+c *'],
      ],
    ],
    [
      'five people, three languages, one of them spoken by one',
      'a:es b:en c:en d:de e:de',
      [
        ...['a es>de for d+e *', 'b en>de for d+e *', 'c en>de for d+e *'],
        ...['a es>en for b+c', 'd de>en for b+c *', 'e de>en for b+c *'],
        ...['b en>es for a', 'c en>es for a', 'd de>es for a', 'e de>es for a'],
      ].sort(),
    ],
    [
      'hears one language and speaks another',
      'ana:en<es bob:en',
      ['ana es>en for bob *'], // Bob's English is what Ana wants to hear
    ],
    [
      'speaks two languages, one of them the listener’s: only the other is translated',
      'ana:es<es,en bob:en',
      ['ana es>en for bob *', 'bob en>es for ana *'],
    ],
    [
      'speaks two languages, neither the listener’s: one route for both',
      'ana:es<es,fr bob:en',
      ['ana es+fr>en for bob *', 'bob en>es for ana *'],
    ],
    [
      'prefers a language although they speak the other’s too',
      'ana:es bob:en<en,es',
      ['ana es>en for bob *', 'bob en>es for ana *'],
    ],
    [
      'someone of unknown language: translated for all, reads what the other says',
      'ana:es bob:?',
      ['ana es>- for bob *', 'bob ?>es for ana *'],
    ],
    [
      'someone of unknown language among three languages',
      'ana:es bob:en eve:?',
      ['ana es>en for bob *', 'bob en>es for ana *', 'eve ?>en for bob *', 'eve ?>es for ana'].sort(),
    ],
    [
      'two of one language and someone of unknown: nothing is translated between the two, all is written down',
      'ana:es bob:es eve:?',
      ['ana es>- for eve *', 'bob es>- for eve *', 'eve ?>es for ana+bob *'],
    ],
    ['alone and unknown', 'ana:?', []],
    [
      'nobody said anything: all is written down, so that languages are heard',
      'ana:? bob:? eve:?',
      ['ana ?>- for bob+eve *', 'bob ?>- for ana+eve *', 'eve ?>- for ana+bob *'],
    ],
    [
      'speaks a known language, preference unknown',
      'ana:?<es bob:en',
      ['ana es>en for bob *', 'bob en>- for ana *'],
    ],
    [
      'was heard to speak a language: like one who said so',
      'ana:de<~de bob:en',
      ['ana de>en for bob *', 'bob en>de for ana *'],
    ],
    [
      'prefers one language, was heard to speak another',
      'ana:en<~de bob:en eve:de',
      ['ana de>en for bob *', 'bob en>de for eve *', 'eve de>en for ana+bob *'],
    ],
    [
      'six people, three languages, in pairs: each into two',
      'a:es b:es c:en d:en e:fr f:fr',
      [
        ...['a es>en for c+d *', 'b es>en for c+d *', 'e fr>en for c+d *', 'f fr>en for c+d *'],
        ...['c en>es for a+b *', 'd en>es for a+b *', 'e fr>es for a+b', 'f fr>es for a+b'],
        ...['a es>fr for e+f', 'b es>fr for e+f', 'c en>fr for e+f', 'd en>fr for e+f'],
      ].sort(),
    ],
    [
      'six people, four languages, one of them spoken by three',
      'a:en b:en c:en d:es e:fr f:de',
      [
        ...['a en>de for f *', 'b en>de for f *', 'c en>de for f *', 'd es>de for f *', 'e fr>de for f *'],
        ...['d es>en for a+b+c', 'e fr>en for a+b+c', 'f de>en for a+b+c *'],
        ...['a en>es for d', 'b en>es for d', 'c en>es for d', 'e fr>es for d', 'f de>es for d'],
        ...['a en>fr for e', 'b en>fr for e', 'c en>fr for e', 'd es>fr for e', 'f de>fr for e'],
      ].sort(),
    ],
    [
      'five people, two languages, one who speaks both and one who said nothing',
      'a:es b:en c:en<en,es d:es e:?',
      [
        ...['a es>en for b+c *', 'd es>en for b+c *', 'e ?>en for b+c *'],
        ...['c es>en for b *', 'b en>es for a+d *', 'c en>es for a+d', 'e ?>es for a+d'],
      ].sort(),
    ],
    [
      'listeners of several regions hear one route, in the tag that most prefer, and each read their own writing',
      'ana:en bob:pt-PT eve:pt-BR kim:pt-BR',
      [
        ...['ana en>pt-BR for bob+eve+kim *', 'ana en>pt-PT for bob (read)'],
        ...['bob pt-PT>en for ana *', 'eve pt-BR>en for ana *', 'kim pt-BR>en for ana *'],
      ],
    ],
    [
      'so it is with Spanish here and there, and with both of Norwegian',
      'ana:en bob:es-ES eve:es-MX kim:es-AR leo:nb mia:nn',
      [
        ...['ana en>es-AR for bob+eve+kim *', 'ana en>es-ES for bob (read)'],
        ...['ana en>nb for leo+mia', 'ana en>nn for mia (read)'],
        ...['bob es-ES>en for ana *', 'eve es-MX>en for ana *', 'kim es-AR>en for ana *'],
        ...['leo nb>en for ana *', 'mia nn>en for ana *'],
        ...['bob es-ES>nb for leo+mia', 'eve es-MX>nb for leo+mia', 'kim es-AR>nb for leo+mia'],
        ...['bob es-ES>nn for mia (read)', 'eve es-MX>nn for mia (read)', 'kim es-AR>nn for mia (read)'],
        ...['leo nb>es-AR for bob+eve+kim', 'mia nn>es-AR for bob+eve+kim'],
        ...['leo nb>es-ES for bob (read)', 'mia nn>es-ES for bob (read)'],
      ],
    ],
    [
      'what can be rewritten is one route, in the writing that others are made from; Cantonese is another language',
      'ana:en bob:zh-CN eve:zh-CN kim:zh-TW leo:yue-HK mia:sr-Latn ned:sr<en',
      [
        ...['ana en>zh-TW for bob+eve+kim', 'ana en>yue-HK for leo', 'ana en>sr for mia+ned *'],
        ...['ned en>zh-TW for bob+eve+kim', 'ned en>yue-HK for leo', 'ned en>sr-Latn for mia *'],
        ...['bob zh-CN>en for ana *', 'eve zh-CN>en for ana *', 'kim zh-TW>en for ana *'],
        ...['bob zh-CN>yue-HK for leo', 'eve zh-CN>yue-HK for leo', 'kim zh-TW>yue-HK for leo'],
        ...['bob zh-CN>sr for mia+ned', 'eve zh-CN>sr for mia+ned', 'kim zh-TW>sr for mia+ned'],
        ...['leo yue-HK>en for ana *', 'leo yue-HK>zh-TW for bob+eve+kim', 'leo yue-HK>sr for mia+ned'],
        ...['mia sr-Latn>en for ana *', 'mia sr-Latn>zh-TW for bob+eve+kim', 'mia sr-Latn>yue-HK for leo'],
      ],
    ],
    [
      'who names no standard reads what there is',
      'ana:en bob:pt eve:pt-BR',
      [...['ana en>pt for bob+eve *', 'bob pt>en for ana *', 'eve pt-BR>en for ana *']],
    ],
  ];
  it.each(goldens)('%s', (_name, people, routes) => {
    expect(plan(people).sort()).toEqual([...routes].sort());
  });

  it('asks those whose preference is not known', () => {
    const people = ['eve:?', 'ana:es', 'bob:?<en', 'kim:fr'].map(person);
    expect(planRoutes(people).undecidedIds).toEqual(['bob', 'eve']);
    expect(planRoutes(people, { languages: ['es', 'en'] }).undecidedIds).toEqual(['bob', 'eve', 'kim']);
    expect(planRoutes(people, { languages: ['es-MX'] }).undecidedIds).toEqual(['bob', 'eve', 'kim']);
  });
});

it('somebody alone reads their own words where that is wanted, and nobody else does', () => {
  const writesAlone = { writesAlone: true };
  expect(plan('ana:es', writesAlone)).toEqual(['ana es>- for ana *']);
  expect(plan('ana:es', { ...writesAlone, languages: ['en', 'de'] })).toEqual(['ana es>- for ana *']);
  expect(plan('ana:en<es', writesAlone)).toEqual(['ana es>- for ana *']);
  expect(plan('ana:?', writesAlone)).toEqual(['ana ?>- for ana *']);
  expect(plan('', writesAlone)).toEqual([]);
  expect(plan('ana:es bob:es', writesAlone)).toEqual([]);
  expect(planRoutes([{ ...person('ana:es'), interpret: false }], writesAlone).routes).toEqual([]);
});

describe('planRoutes: the meeting’s languages declared', () => {
  it('nothing is translated into any other', () => {
    expect(plan('ana:es bob:en eve:fr', { languages: ['es', 'en'] })).toEqual([
      'ana es>en for bob+eve *',
      'eve fr>en for bob *',
      'bob en>es for ana+eve *',
      'eve fr>es for ana',
    ]);
  });

  it('with two, people who said nothing hear whichever is not spoken', () => {
    const languages = ['es', 'en'];
    expect(plan('ana:es bob:?', { languages })).toEqual(['ana es>en for bob *', 'bob ?>es for ana *']);
    expect(plan('ana:? bob:?', { languages })).toEqual([
      'ana ?>en for bob *',
      'bob ?>en for ana *',
      'ana ?>es for bob',
      'bob ?>es for ana',
    ]);
  });

  it('with one, everyone who said nothing hears that', () => {
    expect(plan('ana:es bob:? eve:en', { languages: ['en'] })).toEqual([
      'ana es>en for bob+eve *',
      'bob ?>en for ana+eve *',
    ]);
  });

  it('with three, nothing is guessed for them: they read what is said', () => {
    expect(plan('ana:es bob:?', { languages: ['es', 'en', 'fr'] })).toEqual([
      'bob ?>es for ana *',
      'ana es>- for bob *',
    ]);
  });

  it('with three, so does whoever prefers a fourth', () => {
    expect(plan('ana:es bob:de', { languages: ['es', 'en', 'fr'] })).toEqual([
      'bob de>es for ana *',
      'ana es>- for bob *',
    ]);
  });

  it('compares by spoken language, and speaks in the listener’s own tag', () => {
    expect(plan('ana:es bob:en-GB', { languages: ['es-ES', 'en-US'] })).toEqual([
      'ana es>en-GB for bob *',
      'bob en-GB>es for ana *',
    ]);
  });
});

describe('planRoutes: what was there stays', () => {
  const before = (people: string) => planRoutes(people.split(' ').map(person)).routes;

  it('of two tags asked for equally often, the present one', () => {
    expect(plan('ana:en bob:pt-BR eve:pt-PT')[0]).toBe('bob pt-BR>en for ana *');
    expect(plan('ana:en bob:pt-BR eve:pt-PT', { before: before('ana:en eve:pt-PT') })).toContain(
      'ana en>pt-PT for bob+eve *',
    );
    expect(plan('ana:en bob:pt-BR eve:pt-PT')).toContain('ana en>pt-PT for eve (read)');
    expect(plan('ana:en bob:pt-BR eve:pt-PT')).toContain('ana en>pt-BR for bob+eve *');
  });

  it('the route that transcribes goes on doing so, and hands over when it closes', () => {
    const two = before('ana:es bob:fr');
    expect(two.map(text)).toContain('ana es>fr for bob *');
    const three = planRoutes(['ana:es', 'bob:fr', 'eve:de'].map(person), { before: two }).routes;
    expect(three.map(text)).toContain('ana es>fr for bob *');
    expect(three.map(text)).toContain('ana es>de for eve');
    const bobLeft = planRoutes(['ana:es', 'eve:de'].map(person), { before: three }).routes;
    expect(bobLeft.map(text)).toContain('ana es>de for eve *');
  });

  it('a route that has no session leaves transcribing to one that has, which then keeps it', () => {
    const people = ['ana:es', 'bob:fr', 'eve:de'].map(person);
    const carrierOf = (routes: readonly RouteSpec[]) =>
      routes.filter(({ speakerId, transcribes }) => speakerId === 'ana' && transcribes).map(({ key }) => key);
    const first = planRoutes(people).routes;
    expect(carrierOf(first)).toEqual(['de:ana']);
    const failed = planRoutes(people, { before: first, stopped: new Set(['de:ana']) }).routes;
    expect(carrierOf(failed)).toEqual(['fr:ana']);
    expect(carrierOf(planRoutes(people, { before: failed }).routes)).toEqual(['fr:ana']);
    const all = new Set(['de:ana', 'fr:ana']);
    expect(carrierOf(planRoutes(people, { before: failed, stopped: all }).routes)).toHaveLength(1);
  });
});

describe('planRoutes: what the transcription may count on', () => {
  it.each([
    ['one language, said', 'ana:es bob:en', 'es'],
    ['one language, the target aside, of two', 'ana:es<es,en bob:en', undefined],
    ['one language, heard', 'ana:es<~es bob:en', undefined],
    ['nothing said', 'ana:? bob:en', undefined],
  ])('%s', (_name, people, language) => {
    const { routes } = planRoutes(people.split(' ').map(person));
    const ana = routes.find(({ speakerId }) => speakerId === 'ana');
    expect(ana?.transcriptionLanguage).toBe(language);
  });
});

describe('changesBetween', () => {
  const routes = (people: string, options?: PlanOptions) =>
    planRoutes(people.split(' ').map(person), options).routes;
  const change = (from: string, to: string) => {
    const before = from === '' ? [] : routes(from);
    const { open, update, close } = changesBetween(before, to === '' ? [] : routes(to, { before }));
    return { open: open.map(text), update: update.map(text), close: close.map(text) };
  };

  it('nothing for equal sets', () => {
    expect(change('ana:es bob:en', 'bob:en ana:es')).toEqual({ open: [], update: [], close: [] });
  });

  it('someone of a known language joins: others stay, with one listener more', () => {
    expect(change('ana:es bob:en', 'ana:es bob:en eve:en')).toEqual({
      open: ['eve en>es for ana *'],
      update: ['ana es>en for bob+eve *'],
      close: [],
    });
  });

  it('someone leaves', () => {
    expect(change('ana:es bob:en eve:fr', 'ana:es bob:en')).toEqual({
      open: [],
      update: [],
      close: ['eve fr>en for bob *', 'eve fr>es for ana', 'ana es>fr for eve', 'bob en>fr for eve'],
    });
  });

  it('someone changes language: routes between the others stay untouched', () => {
    const { open, update, close } = change('ana:es bob:en eve:fr', 'ana:es bob:en eve:de');
    expect(open).toEqual(['ana es>de for eve', 'bob en>de for eve']);
    expect(update.sort()).toEqual(['eve de>en for bob *', 'eve de>es for ana']);
    expect(close).toEqual(['ana es>fr for eve', 'bob en>fr for eve']);
  });

  it('someone chooses a language: what only wrote down for them translates from now on', () => {
    expect(change('ana:es bob:?', 'ana:es bob:en')).toEqual({
      open: ['ana es>en for bob *'],
      update: ['bob en>es for ana *'],
      close: ['ana es>- for bob *'],
    });
  });

  it('someone says what was only heard: told, for the sake of the transcription', () => {
    expect(change('ana:es bob:en<~en', 'ana:es bob:en').update).toEqual(['bob en>es for ana *']);
  });

  it('only a region changes: told, not restarted', () => {
    expect(change('ana:es bob:en-US', 'ana:es bob:en-GB')).toEqual({
      open: [],
      update: ['ana es>en-GB for bob *', 'bob en-GB>es for ana *'],
      close: [],
    });
  });
});

describe('any meeting', () => {
  const tags = fc.constantFrom('es', 'es-MX', 'en', 'pt-BR', 'pt-PT', 'zh-Hans', 'zh-TW', 'de');
  const people = fc.uniqueArray(
    fc.record({
      id: fc.string({ maxLength: 6 }),
      speaks: fc.uniqueArray(tags, { maxLength: 3, comparator: sameLanguage }),
      prefers: fc.option(tags, { nil: undefined }),
      heard: fc.boolean(),
    }),
    { maxLength: 7, selector: ({ id }) => id },
  );
  const languages = fc.uniqueArray(tags, { maxLength: 4, comparator: sameLanguage });
  const run = (property: fc.IProperty<[RoutedPerson[], RoutedPerson[], string[]]>) => {
    fc.assert(property, { seed: 42, numRuns: 300 });
  };

  it('gives every listener every other speaker in the language that they prefer, by one route, and nothing else', () => {
    run(
      fc.property(people, people, languages, (here, _later, offered) => {
        const { routes } = planRoutes(here, { languages: offered });
        expect(new Set(routes.map(({ key }) => key)).size).toBe(routes.length);
        for (const listener of here) {
          const { prefers } = listener;
          if (
            prefers === undefined ||
            !(offered.length === 0 || offered.some((tag) => sameLanguage(tag, prefers)))
          )
            continue;
          for (const speaker of here) {
            const into = routes.filter(
              ({ speakerId, to, listenerIds, ...route }) =>
                speakerId === speaker.id &&
                to !== undefined &&
                sameLanguage(to, prefers) &&
                route.written !== true &&
                listenerIds.includes(listener.id),
            );
            const needed =
              speaker.id !== listener.id &&
              (speaker.speaks.length === 0 || speaker.speaks.some((tag) => !sameLanguage(tag, prefers)));
            expect(into).toHaveLength(needed ? 1 : 0);
            const read = routes.filter(
              ({ speakerId, to, written, listenerIds }) =>
                speakerId === speaker.id &&
                written === true &&
                sameLanguage(to!, prefers) &&
                listenerIds.includes(listener.id),
            );
            const spoken = into[0]?.to;
            const apart =
              spoken !== undefined && !sameWriting(spoken, prefers) && !canRewrite(spoken, prefers);
            expect(read).toHaveLength(apart ? 1 : 0);
            for (const { to } of read) expect(sameWriting(to!, prefers)).toBe(true);
          }
        }
        for (const { from, to, listenerIds, speakerId } of routes) {
          expect(listenerIds.length).toBeGreaterThan(0);
          expect(listenerIds).not.toContain(speakerId);
          if (to === undefined) {
            expect(routes.filter((route) => route.speakerId === speakerId)).toHaveLength(1);
          } else {
            expect(from.every((tag) => !sameLanguage(tag, to))).toBe(true);
          }
        }
      }),
    );
  });

  it('does not depend on the order of people; each speaker is transcribed by one route', () => {
    run(
      fc.property(people, people, languages, (here, earlier, offered) => {
        const before = planRoutes(earlier, { languages: offered }).routes;
        const once = planRoutes(here, { languages: offered, before });
        expect(planRoutes([...here].reverse(), { languages: offered, before })).toEqual(once);
        for (const { id } of here) {
          const own = once.routes.filter(({ speakerId }) => speakerId === id);
          expect(own.filter(({ transcribes }) => transcribes)).toHaveLength(own.length === 0 ? 0 : 1);
        }
      }),
    );
  });

  it('applying the changes to one set of routes gives the other', () => {
    run(
      fc.property(people, people, languages, (earlier, here, offered) => {
        const before = planRoutes(earlier, { languages: offered }).routes;
        const after = planRoutes(here, { languages: offered, before }).routes;
        const { open, update, close } = changesBetween(before, after);
        const applied = new Map(before.map((route) => [route.key, route]));
        for (const { key } of close) expect(applied.delete(key)).toBe(true);
        for (const route of open) {
          expect(applied.has(route.key)).toBe(false);
          applied.set(route.key, route);
        }
        for (const route of update) {
          expect(applied.get(route.key)).not.toEqual(route);
          applied.set(route.key, route);
        }
        expect([...applied.values()].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(after);
        const again = planRoutes(here, { languages: offered, before: after }).routes;
        expect(changesBetween(after, again)).toEqual({ open: [], update: [], close: [] });
      }),
    );
  });
});
