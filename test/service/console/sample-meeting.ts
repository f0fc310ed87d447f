/** A meeting with people, words and oddities, to look at. */
type Json = Record<string, unknown>;

export const PEOPLE: Json[] = [
  { id: 'p-ana', name: 'Ana María Fernández de la Cueva', isBot: false, speaks: ['es'], prefers: 'es' },
  { id: 'p-tom', name: 'Tom', isBot: false, speaks: ['en'], prefers: 'en' },
  { id: 'p-yosef', name: 'יוסף', isBot: false, speaks: ['he'], prefers: 'he' },
  {
    id: 'p-long',
    name: 'Grzegorz Brzęczyszczykiewicz-Wolfeschlegelsteinhausenbergerdorff',
    isBot: false,
    speaks: [],
    prefers: 'pl',
  },
  { id: 'p-html', name: '<img src=x onerror=alert(1)>', isBot: false, speaks: ['en'] },
];

let made = 0;

/** A caption of somebody's words. */
export function caption(fields: Json): Json {
  made += 1;
  const startMs = made * 4_000;
  return {
    ...{
      v: 1,
      atMs: startMs,
      type: 'caption',
      kind: 'speech',
      segmentId: `s${made}`,
      turnId: `t${made}`,
      part: 0,
    },
    ...{
      speakerId: 'p-ana',
      speakerName: 'Ana María Fernández de la Cueva',
      sourceLanguage: 'es',
      targetLanguage: 'en',
    },
    ...{ sourceText: '', translatedText: '', original: true, final: true, startMs, endMs: startMs + 3_000 },
    ...fields,
  };
}

function span(
  speakerId: string,
  to: string,
  engine: string,
  lastMs: number,
  medianMs: number,
  p95Ms: number,
): Json {
  return { speakerId, to, engine, turns: 12, lastMs, medianMs, p95Ms };
}

/** What was said until now. */
export function captions(): Json[] {
  const tom = { speakerId: 'p-tom', speakerName: 'Tom', sourceLanguage: 'en', targetLanguage: 'es' };
  return [
    caption({
      sourceText: 'Buenos días a todos. ¿Empezamos con el acta de la reunión anterior?',
      translatedText: 'Good morning, everyone. Shall we start with the minutes of the last meeting?',
    }),
    caption({
      ...tom,
      sourceText: 'Yes, please. I have two remarks about the second item.',
      translatedText: 'Sí, por favor. Tengo dos observaciones sobre el segundo punto.',
    }),
    caption({
      sourceText:
        'Perfecto. El plazo de entrega sigue siendo el quince de diciembre, si el proveedor confirma esta semana.',
      translatedText:
        'Perfect. The delivery date is still December fifteenth, if the supplier confirms this week.',
      mark: 'captions_only',
    }),
    caption({
      kind: 'notice',
      speakerId: 'parley',
      speakerName: 'Parley',
      sourceLanguage: '',
      sourceText: '',
      translatedText: 'Interpreting of Tom is interrupted, and goes on in a moment.',
    }),
    caption({
      ...tom,
      sourceText:
        'They did. The confirmation came this morning, so we can plan the tests for the first week of January.',
      translatedText:
        'Lo hicieron. La confirmación llegó esta mañana, así que podemos planificar las pruebas para la primera semana de enero.',
    }),
    caption({
      speakerId: 'p-yosef',
      speakerName: 'יוסף',
      sourceLanguage: 'he',
      targetLanguage: 'en',
      sourceText: 'אני אשלח את הטבלה המעודכנת אחרי הפגישה.',
      translatedText: 'I will send the updated table after the meeting.',
    }),
    caption({
      sourceText: 'Muchas gracias. Entonces solo queda',
      translatedText: 'Thank you very much. Then only',
      final: false,
    }),
  ];
}

export const SNAPSHOT = (): Json => ({
  people: PEOPLE,
  speaking: ['p-ana'],
  captions: captions(),
  routes: [],
  latency: { turns: 14, lastMs: 1_420, medianMs: 1_310 },
  spans: [
    span('p-ana', 'en', 'conversation', 3_120, 2_940, 5_010),
    { ...span('p-ana', 'he', 'live', 9_400, 4_100, 9_800), isGrowing: true },
    span('p-long', 'en', 'translate', 1_800, 2_100, 2_900),
    span('p-html', 'es', 'translate', 1_800, 2_100, 2_900),
  ],
  cost: { usd: 0.4312, responses: 14, audioMs: 96_000, unpriced: 0, budgetUsd: 5 },
  roomState: 'connected',
});

/** The same meeting in writing. */
export const TRANSCRIPT: Json = {
  ...{ v: 1, meetingId: 'abcd-efgh-ijkl', startedAt: '2026-11-30T09:00:00.000Z', language: null },
  people: [
    { id: 'p-ana', name: 'Ana María Fernández de la Cueva' },
    { id: 'p-tom', name: 'Tom' },
  ],
  speeches: [
    speech(
      'p-ana',
      'Ana María Fernández de la Cueva',
      4_000,
      'es',
      'Buenos días a todos. ¿Empezamos con el acta de la reunión anterior?',
      'en',
      'Good morning, everyone. Shall we start with the minutes of the last meeting?',
    ),
    speech(
      'p-tom',
      'Tom',
      12_000,
      'en',
      'Yes, please. I have two remarks about the second item.',
      'es',
      'Sí, por favor. Tengo dos observaciones sobre el segundo punto.',
    ),
    speech(
      'p-ana',
      'Ana María Fernández de la Cueva',
      24_000,
      'es',
      'Perfecto. El plazo de entrega sigue siendo el quince de diciembre.',
      'en',
      'Perfect. The delivery date is still December fifteenth.',
    ),
    speech(
      'p-yosef',
      'יוסף',
      33_000,
      'he',
      'אני אשלח את הטבלה המעודכנת אחרי הפגישה.',
      'en',
      'I will send the updated table after the meeting.',
    ),
  ],
};

function speech(
  speakerId: string,
  speakerName: string,
  startMs: number,
  language: string,
  text: string,
  into: string,
  translated: string,
): Json {
  const said = { language, text };
  return {
    speakerId,
    speakerName,
    startMs,
    endMs: startMs + 5_000,
    language,
    text,
    said,
    translated: [{ language: into, text: translated }],
  };
}
