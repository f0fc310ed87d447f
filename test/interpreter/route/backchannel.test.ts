import { describe, expect, it } from 'vitest';
import { isBackchannel } from '../../../src/interpreter/route/backchannel.js';

describe('a backchannel', () => {
  it.each([
    ...[
      'mhm',
      'Mhm.',
      'Mmm-hmm',
      'mmmhmmm',
      'Hmm…',
      'Uh-huh.',
      'uh huh',
      'Aha!',
      'OK',
      'ok ok',
      'Okay.',
      'Okaaay',
    ],
    ...['Yeah.', 'Yeah, yeah.', 'Yes', 'Right, right.', 'I see.', 'Got it', 'Of course.'],
    ...[
      'Ja',
      'Ja, ja.',
      'Genau!',
      'Ach so',
      'Alles klar.',
      'Sí',
      'Sí, sí, claro',
      'Vale.',
      'De acuerdo',
      'Ajá',
    ],
    ...['Oui', 'Ouais', "D'accord.", 'Tout à fait', 'Sì', 'Certo', 'Va bene', 'Sim, sim', 'Pois é', 'Tá bom'],
    ...[
      'Да',
      'Ага, да',
      'Угу',
      'Так',
      'Tak',
      'Dobrze',
      'Ano',
      'Dobře',
      'Igen',
      'Evet',
      'Tamam',
      'Ναι',
      'Joo',
    ],
    ...['نعم', 'أيوه', 'طيب', 'כן', 'אוקיי', 'हाँ', 'ठीक है', 'जी हाँ', 'হ্যাঁ', 'சரி'],
    ...[
      'はい',
      'うん、うん',
      'そうですね。',
      'なるほど',
      '네',
      '네, 네',
      '맞아요',
      '嗯',
      '对对对',
      '好的。',
      '係',
    ],
    ...['ครับ', 'ใช่', 'Vâng', 'dạ', 'Iya', 'Ndiyo', 'Opo'],
  ])('%j is one', (text) => {
    expect(isBackchannel(text, [])).toBe(true);
  });

  it.each(['', ' ', '…', '?!', '—'])('%j holds no word, and is one', (text) => {
    expect(isBackchannel(text, ['en'])).toBe(true);
  });

  it.each([
    ...[
      'No',
      'No.',
      'Stop',
      'Wait!',
      'Why?',
      'Next week',
      'Tomorrow',
      'Yes, tomorrow',
      'OK, but why',
      'On Friday',
    ],
    ...[
      'Nein',
      'Halt',
      'Ja, aber nein',
      '¿Qué?',
      'Espere',
      'Sí, el viernes',
      'Non',
      'Attendez',
      'Нет',
      'Стоп',
    ],
    ...[
      'لا',
      'לא',
      'नहीं',
      'いいえ',
      'ちょっと待って',
      '아니요',
      '不对',
      '不是',
      'ไม่',
      'không',
      'Hayır',
      'Όχι',
    ],
    ...['ja ja ja ja ja ja ja', 'Five', '17', 'Ana?', 'Danke', 'Hello'],
  ])('%j says something', (text) => {
    expect(isBackchannel(text, [])).toBe(false);
  });

  it('a word may be one in its own language, and an answer elsewhere', () => {
    expect(isBackchannel('No', ['pl'])).toBe(true);
    expect(isBackchannel('No, no', ['cs-CZ'])).toBe(true);
    expect(isBackchannel('No', ['es'])).toBe(false);
    expect(isBackchannel('No', ['en', 'it'])).toBe(false);
  });
});
