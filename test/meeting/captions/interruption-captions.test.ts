import { beforeEach, describe, expect, it } from 'vitest';
import type { Caption } from '../../../src/captions/caption.js';
import { noticeCaption } from '../../../src/captions/notice.js';
import { interruptionNotice } from '../../../src/interpreter/notices/interruption-notices.js';
import { InterruptionCaptions } from '../../../src/meeting/captions/interruption-captions.js';

const ANA = { key: 'es:ana', to: 'es', speakerName: 'Ana' };

describe('what readers are told of an interruption', () => {
  let emitted: { caption: Caption; to: string | undefined }[];
  let captions: InterruptionCaptions;
  const texts = () =>
    emitted.map(
      ({ caption, to }) =>
        `${to ?? 'all'} ${caption.interruption} ${caption.final}: ${caption.translatedText}`,
    );
  beforeEach(() => {
    emitted = [];
    let number = 0;
    captions = new InterruptionCaptions({
      noticeOf: ({ text, language }) =>
        noticeCaption({
          id: `n${++number}`,
          interpreterId: 'parley-1',
          interpreterName: 'Parley',
          text,
          language,
          atMs: 0,
        }),
      publish: (caption, to) => emitted.push({ caption, to }),
    });
  });

  it('is told once, and replaced by what becomes of it', () => {
    captions.resumed(ANA); // nothing was interrupted
    captions.reconnecting(ANA);
    captions.reconnecting(ANA);
    captions.stopped(ANA);
    captions.stopped(ANA);
    captions.resumed(ANA);
    captions.resumed(ANA);
    captions.reconnecting(ANA);
    expect(texts()).toEqual([
      'es reconnecting false: La interpretación de Ana se ha interrumpido: reconectando…',
      'es stopped true: Por ahora no se interpreta a Ana.',
      'es resumed true: Se vuelve a interpretar a Ana.',
      'es reconnecting false: La interpretación de Ana se ha interrumpido: reconectando…',
    ]);
    expect(emitted.map(({ caption }) => caption.segmentId)).toEqual(['n1', 'n1', 'n1', 'n4']);
  });

  it('is withdrawn where the route ends or is not planned any more; what is final stays', () => {
    const [ben, cho] = [
      { ...ANA, key: 'es:ben', speakerName: 'Ben' },
      { ...ANA, key: 'es:cho', speakerName: 'Cho' },
    ];
    captions.reconnecting(ANA);
    captions.reconnecting(ben);
    captions.stopped(cho);
    emitted.length = 0;
    captions.over(ANA);
    captions.over(ANA);
    captions.keep([ANA, cho]);
    captions.keep([]);
    captions.resumed(cho); // it is a route of its own again
    expect(texts()).toEqual(['es reconnecting true: ', 'es reconnecting true: ']);
  });

  it('goes in English to everybody who reads what is said, where nothing is translated', () => {
    captions.reconnecting({ key: 'und:ana', to: undefined, speakerName: 'Ana' });
    expect(texts()).toEqual([
      'all reconnecting false: The interpretation of Ana is interrupted: reconnecting…',
    ]);
    expect(emitted[0]!.caption).toMatchObject({ original: true, targetLanguage: 'en' });
  });

  it('is in the reader’s language and script where there is a text, in English otherwise; a name is only a name', () => {
    expect(interruptionNotice('resumed', 'zh-TW', '小明').text).toBe('已恢復翻譯小明的發言。');
    expect(interruptionNotice('resumed', 'sw', 'Asha')).toEqual({
      text: 'Asha is interpreted again.',
      language: 'en',
    });
    expect(interruptionNotice('stopped', 'de', '$& {} $1').text).toBe(
      '$& {} $1 wird zurzeit nicht gedolmetscht.',
    );
    expect(interruptionNotice('written', 'fr', '').text).not.toContain('{}');
  });
});
