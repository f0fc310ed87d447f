/** What people are told about their own language, and about the record, in languages that many meetings have. Written so that `{}` needs no case. */

/** `{}` stands for one language or several, by their own names. */
export type LanguageNoticeTexts = {
  /** Asks for a choice. */
  readonly ask: string;
  /** What they hear and read from now on. */
  readonly set: string;
  /** What they speak, where that is not what they hear. */
  readonly spoken: string;
  /** Said where it was heard, not chosen. */
  readonly guessed: string;
  /** What they prefer is not to be had. */
  readonly missing: string;
  /** Said while the meeting is recorded. */
  readonly recorded: string;
};

/** By language, with the script where one language has two texts. */
export const LANGUAGE_NOTICE_TEXTS = {
  en: {
    ask: 'Which language would you like to hear and read?',
    set: 'You now hear and read: {}.',
    spoken: 'What you say is interpreted from: {}.',
    guessed: 'This was recognised from what you said; you can choose another language.',
    missing: 'Not interpreted in this meeting: {}.',
    recorded: 'What is said in this meeting is being kept in writing.',
  },
  ar: {
    ask: 'بأي لغة تريد أن تسمع وتقرأ؟',
    set: 'أنت تسمع وتقرأ الآن: {}.',
    spoken: 'يُترجَم كلامك من: {}.',
    guessed: 'تم التعرف على اللغة من كلامك؛ يمكنك اختيار لغة أخرى.',
    missing: 'لا تُترجَم في هذا الاجتماع: {}.',
    recorded: 'يُحفَظ ما يقال في هذا الاجتماع كتابةً.',
  },
  de: {
    ask: 'Welche Sprache möchten Sie hören und lesen?',
    set: 'Sie hören und lesen jetzt: {}.',
    spoken: 'Was Sie sagen, wird gedolmetscht aus: {}.',
    guessed: 'Die Sprache wurde an dem erkannt, was Sie gesagt haben; Sie können eine andere wählen.',
    missing: 'In dieser Besprechung nicht gedolmetscht: {}.',
    recorded: 'Was in dieser Besprechung gesagt wird, wird schriftlich festgehalten.',
  },
  es: {
    ask: '¿Qué idioma quiere oír y leer?',
    set: 'Ahora oye y lee: {}.',
    spoken: 'Lo que dice se interpreta desde: {}.',
    guessed: 'El idioma se ha reconocido por lo que ha dicho; puede elegir otro.',
    missing: 'No se interpreta en esta reunión: {}.',
    recorded: 'Lo que se dice en esta reunión queda guardado por escrito.',
  },
  fr: {
    ask: 'Quelle langue souhaitez-vous entendre et lire ?',
    set: 'Vous entendez et lisez maintenant : {}.',
    spoken: 'Ce que vous dites est interprété depuis : {}.',
    guessed: 'La langue a été reconnue à ce que vous avez dit ; vous pouvez en choisir une autre.',
    missing: 'Pas d’interprétation dans cette réunion : {}.',
    recorded: 'Ce qui est dit dans cette réunion est conservé par écrit.',
  },
  hi: {
    ask: 'आप कौन सी भाषा सुनना और पढ़ना चाहते हैं?',
    set: 'अब आप सुनते और पढ़ते हैं: {}.',
    spoken: 'आपकी बात का अनुवाद इस भाषा से होता है: {}.',
    guessed: 'भाषा आपकी बात से पहचानी गई; आप दूसरी चुन सकते हैं।',
    missing: 'इस बैठक में अनुवाद नहीं होता: {}.',
    recorded: 'इस बैठक में कही गई बातें लिखित रूप में सुरक्षित रखी जा रही हैं।',
  },
  id: {
    ask: 'Bahasa apa yang ingin Anda dengar dan baca?',
    set: 'Sekarang Anda mendengar dan membaca: {}.',
    spoken: 'Ucapan Anda diterjemahkan dari: {}.',
    guessed: 'Bahasa ini dikenali dari ucapan Anda; Anda dapat memilih yang lain.',
    missing: 'Tidak diterjemahkan dalam rapat ini: {}.',
    recorded: 'Apa yang dikatakan dalam rapat ini disimpan secara tertulis.',
  },
  it: {
    ask: 'Quale lingua desidera ascoltare e leggere?',
    set: 'Ora ascolta e legge: {}.',
    spoken: 'Ciò che dice viene interpretato da: {}.',
    guessed: 'La lingua è stata riconosciuta da ciò che ha detto; può sceglierne un’altra.',
    missing: 'Non interpretata in questa riunione: {}.',
    recorded: 'Quanto viene detto in questa riunione viene conservato per iscritto.',
  },
  ja: {
    ask: 'どの言語で聞き、読みますか。',
    set: 'これから聞いて読む言語：{}',
    spoken: 'あなたの発言は次の言語から通訳されます：{}',
    guessed: '発言から判断しました。別の言語も選べます。',
    missing: 'この会議では通訳されません：{}',
    recorded: 'この会議での発言は文字で保存されます。',
  },
  ko: {
    ask: '어떤 언어로 듣고 읽으시겠습니까?',
    set: '이제 듣고 읽는 언어: {}.',
    spoken: '말씀하시는 내용은 다음 언어에서 통역됩니다: {}.',
    guessed: '말씀에서 인식된 언어입니다. 다른 언어를 선택할 수 있습니다.',
    missing: '이 회의에서는 통역되지 않습니다: {}.',
    recorded: '이 회의에서 하는 말은 글로 저장됩니다.',
  },
  nl: {
    ask: 'Welke taal wilt u horen en lezen?',
    set: 'U hoort en leest nu: {}.',
    spoken: 'Wat u zegt wordt getolkt uit: {}.',
    guessed: 'De taal is herkend aan wat u zei; u kunt een andere kiezen.',
    missing: 'Niet getolkt in deze vergadering: {}.',
    recorded: 'Wat in deze vergadering wordt gezegd, wordt schriftelijk bewaard.',
  },
  pl: {
    ask: 'W jakim języku chcesz słuchać i czytać?',
    set: 'Teraz słyszysz i czytasz: {}.',
    spoken: 'Twoje słowa są tłumaczone z języka: {}.',
    guessed: 'Język rozpoznano po tym, co mówisz; możesz wybrać inny.',
    missing: 'Nie jest tłumaczony na tym spotkaniu: {}.',
    recorded: 'To, co mówi się na tym spotkaniu, jest zapisywane na piśmie.',
  },
  pt: {
    ask: 'Que idioma deseja ouvir e ler?',
    set: 'Agora ouve e lê: {}.',
    spoken: 'O que diz é interpretado de: {}.',
    guessed: 'O idioma foi reconhecido pelo que disse; pode escolher outro.',
    missing: 'Não é interpretado nesta reunião: {}.',
    recorded: 'O que é dito nesta reunião fica guardado por escrito.',
  },
  ru: {
    ask: 'Какой язык вы хотите слышать и читать?',
    set: 'Теперь вы слышите и читаете: {}.',
    spoken: 'Ваши слова переводятся с языка: {}.',
    guessed: 'Язык определён по вашей речи; вы можете выбрать другой.',
    missing: 'На этой встрече не переводится: {}.',
    recorded: 'Всё, что говорится на этой встрече, сохраняется в письменном виде.',
  },
  tr: {
    ask: 'Hangi dili duymak ve okumak istersiniz?',
    set: 'Artık duyduğunuz ve okuduğunuz dil: {}.',
    spoken: 'Söyledikleriniz şu dilden çevriliyor: {}.',
    guessed: 'Dil, konuşmanızdan anlaşıldı; başka bir dil seçebilirsiniz.',
    missing: 'Bu toplantıda çevrilmiyor: {}.',
    recorded: 'Bu toplantıda söylenenler yazılı olarak saklanıyor.',
  },
  uk: {
    ask: 'Яку мову ви хочете чути й читати?',
    set: 'Тепер ви чуєте й читаєте: {}.',
    spoken: 'Ваші слова перекладаються з мови: {}.',
    guessed: 'Мову визначено з вашого мовлення; ви можете вибрати іншу.',
    missing: 'На цій зустрічі не перекладається: {}.',
    recorded: 'Усе, що говориться на цій зустрічі, зберігається в письмовому вигляді.',
  },
  vi: {
    ask: 'Bạn muốn nghe và đọc ngôn ngữ nào?',
    set: 'Bây giờ bạn nghe và đọc: {}.',
    spoken: 'Lời bạn nói được phiên dịch từ: {}.',
    guessed: 'Ngôn ngữ này được nhận ra từ lời bạn nói; bạn có thể chọn ngôn ngữ khác.',
    missing: 'Không được phiên dịch trong cuộc họp này: {}.',
    recorded: 'Những gì được nói trong cuộc họp này được lưu lại bằng văn bản.',
  },
  zh: {
    ask: '您想听和读哪种语言？',
    set: '您现在听和读的语言：{}。',
    spoken: '您的发言从以下语言翻译：{}。',
    guessed: '语言是根据您的发言识别的；您可以选择其他语言。',
    missing: '本次会议不翻译：{}。',
    recorded: '本次会议的发言会以文字形式保存。',
  },
  'zh-Hant': {
    ask: '您想聽和讀哪種語言？',
    set: '您現在聽和讀的語言：{}。',
    spoken: '您的發言由以下語言翻譯：{}。',
    guessed: '語言是根據您的發言識別的；您可以選擇其他語言。',
    missing: '本次會議不翻譯：{}。',
    recorded: '本次會議的發言會以文字形式保存。',
  },
} as const satisfies Readonly<Record<string, LanguageNoticeTexts>>;
