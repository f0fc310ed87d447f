/** What the embedded server says where it has no translation: everybody who counts translations must be able to tell. */

/** By language subtag, since people read it who never saw the terminal. `{}` stands for seconds. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ['en', 'not in the phrasebook: {} s played back'],
  ['ar', 'ليس في كتاب عبارات مترجم التجربة: أُعيدت {} ث كما هي'],
  ['de', 'nicht im Phrasenbuch des Dolmetschers zum Ausprobieren: {} s unverändert wiedergegeben'],
  ['es', 'no está entre las frases del intérprete de prueba: {} s repetidos tal cual'],
  ['fr', 'pas dans les phrases de l’interprète d’essai : {} s répétées telles quelles'],
  ['hi', 'आज़माने वाले दुभाषिये के वाक्यों में नहीं: {} से. वैसा ही दोहराया गया'],
  ['id', 'tidak ada dalam kalimat juru bahasa percobaan: {} dtk diputar kembali'],
  ['it', 'non è tra le frasi dell’interprete di prova: {} s ripetuti così come sono'],
  ['ja', 'お試し用の通訳の例文にありません：{} 秒をそのまま返しました'],
  ['ko', '체험용 통역의 예문에 없음: {}초를 그대로 되돌려 줌'],
  ['nl', 'niet in de zinnen van de tolk om uit te proberen: {} s onveranderd teruggegeven'],
  ['pl', 'nie ma tego wśród zdań tłumacza do wypróbowania: {} s odtworzono bez zmian'],
  ['pt', 'não está nas frases do intérprete de teste: {} s repetidos como se ouviram'],
  ['ru', 'нет среди фраз пробного переводчика: {} с повторено без изменений'],
  ['tr', 'deneme tercümanının cümleleri arasında yok: {} sn olduğu gibi geri verildi'],
  ['uk', 'немає серед фраз пробного перекладача: {} с повторено без змін'],
  ['vi', 'không có trong các câu của phiên dịch dùng thử: {} giây được phát lại nguyên vẹn'],
  ['zh', '不在试用口译的例句中：{} 秒原样播放'],
  ['zh-Hant', '不在試用口譯的例句中：{} 秒原樣播放'], // what a reader of it gets of the one before
]);
/** What is not there, then a colon, then what was done with the sound: a text has no sound. */
const BEFORE_COLON = /\s*[:：]/u;
const SECONDS = /\d+\.\d/;
const WITHOUT_SECONDS: ReadonlySet<string> = new Set([...TEXTS.values()].map((text) => `[${text}]`));

function textIn(language: string): string {
  return TEXTS.get(language) ?? TEXTS.get('en')!;
}

/**
 * The transcript of speech that the embedded server plays back, since it is not in its phrasebook.
 * @param language subtag of the language that was asked for; in English where there is no text in it
 */
export function playedBackText(durationMs: number, language = 'en'): string {
  return `[${textIn(language).replace('{}', (durationMs / 1_000).toFixed(1))}]`;
}

/**
 * A written text that the embedded server does not translate, since it is not in its phrasebook: as it is, marked as such.
 * @param language subtag of the language that was asked for; in English where there is no mark in it
 */
export function untranslatedText(text: string, language = 'en'): string {
  const mark = textIn(language);
  return `[${mark.slice(0, mark.search(BEFORE_COLON))}] ${text}`;
}

/** Whether a "translation" is none: {@link playedBackText}. No model says this. */
export function isPlayedBack(translatedText: string): boolean {
  return playedBackMs(translatedText) !== undefined;
}

/** How much was played back, where that is what a "translation" says. */
export function playedBackMs(translatedText: string): number | undefined {
  const text = translatedText.trim();
  const seconds = SECONDS.exec(text)?.[0];
  if (seconds === undefined || !WITHOUT_SECONDS.has(text.replace(SECONDS, '{}'))) return undefined;
  return Number(seconds) * 1_000;
}
