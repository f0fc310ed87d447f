/** What listeners are told when they cannot hear or read what they are used to. */
import type { Interruption } from '../../captions/caption.js';

/** `{}` stands for a speaker's name. */
export type InterruptionTexts = Readonly<Record<Interruption, string>>;

/** By language, with the script where one language has two texts. */
export const INTERRUPTION_TEXTS = {
  en: {
    reconnecting: 'The interpretation of {} is interrupted: reconnecting…',
    resumed: '{} is interpreted again.',
    stopped: '{} is not interpreted at present.',
    written: 'From now on translations are written, not spoken.',
    ended: 'The interpretation of this meeting ends here.',
  },
  ar: {
    reconnecting: 'انقطعت ترجمة كلام {}: جارٍ إعادة الاتصال…',
    resumed: 'استؤنفت ترجمة كلام {}.',
    stopped: 'لا يُترجَم كلام {} في الوقت الحالي.',
    written: 'من الآن تُكتب الترجمات ولا تُنطق.',
    ended: 'تنتهي ترجمة هذا الاجتماع هنا.',
  },
  de: {
    reconnecting: 'Die Verdolmetschung von {} ist unterbrochen: Verbindung wird wiederhergestellt…',
    resumed: '{} wird wieder gedolmetscht.',
    stopped: '{} wird zurzeit nicht gedolmetscht.',
    written: 'Übersetzungen werden ab jetzt geschrieben, nicht gesprochen.',
    ended: 'Die Verdolmetschung dieser Besprechung endet hier.',
  },
  es: {
    reconnecting: 'La interpretación de {} se ha interrumpido: reconectando…',
    resumed: 'Se vuelve a interpretar a {}.',
    stopped: 'Por ahora no se interpreta a {}.',
    written: 'Desde ahora las traducciones se escriben y no se pronuncian.',
    ended: 'La interpretación de esta reunión termina aquí.',
  },
  fr: {
    reconnecting: 'L’interprétation de {} est interrompue : reconnexion…',
    resumed: 'L’interprétation de {} a repris.',
    stopped: '{} n’est pas interprété pour le moment.',
    written: 'Désormais, les traductions sont écrites et non prononcées.',
    ended: 'L’interprétation de cette réunion s’arrête ici.',
  },
  hi: {
    reconnecting: '{} का अनुवाद रुक गया है: फिर से जोड़ा जा रहा है…',
    resumed: '{} का अनुवाद फिर से हो रहा है।',
    stopped: '{} का अनुवाद अभी नहीं हो रहा है।',
    written: 'अब से अनुवाद लिखे जाएंगे, बोले नहीं जाएंगे।',
    ended: 'इस बैठक का अनुवाद यहाँ समाप्त होता है।',
  },
  id: {
    reconnecting: 'Penerjemahan {} terputus: menghubungkan kembali…',
    resumed: '{} diterjemahkan kembali.',
    stopped: '{} saat ini tidak diterjemahkan.',
    written: 'Mulai sekarang terjemahan ditulis, tidak diucapkan.',
    ended: 'Penerjemahan rapat ini berakhir di sini.',
  },
  it: {
    reconnecting: 'L’interpretazione di {} è interrotta: riconnessione…',
    resumed: 'L’interpretazione di {} è ripresa.',
    stopped: 'Al momento {} non viene interpretato.',
    written: 'D’ora in poi le traduzioni sono scritte, non parlate.',
    ended: 'L’interpretazione di questa riunione termina qui.',
  },
  ja: {
    reconnecting: '{}さんの通訳が中断しました。再接続しています…',
    resumed: '{}さんの通訳を再開しました。',
    stopped: '{}さんの通訳は現在行われていません。',
    written: 'これからは翻訳を音声ではなく文字でお伝えします。',
    ended: 'この会議の通訳はここで終わります。',
  },
  ko: {
    reconnecting: '{} 님의 통역이 중단되었습니다. 다시 연결하는 중…',
    resumed: '{} 님의 통역이 다시 시작되었습니다.',
    stopped: '{} 님의 발언은 현재 통역되지 않습니다.',
    written: '지금부터 번역은 음성이 아니라 글로 제공됩니다.',
    ended: '이 회의의 통역은 여기에서 끝납니다.',
  },
  nl: {
    reconnecting: 'De vertolking van {} is onderbroken: opnieuw verbinden…',
    resumed: '{} wordt weer getolkt.',
    stopped: '{} wordt op dit moment niet getolkt.',
    written: 'Vanaf nu worden vertalingen geschreven, niet uitgesproken.',
    ended: 'De vertolking van deze vergadering eindigt hier.',
  },
  pl: {
    reconnecting: 'Tłumaczenie ({}) zostało przerwane: trwa ponowne łączenie…',
    resumed: 'Tłumaczenie ({}) zostało wznowione.',
    stopped: 'Tłumaczenie ({}) jest obecnie niedostępne.',
    written: 'Od teraz tłumaczenia są zapisywane, a nie wypowiadane.',
    ended: 'Tłumaczenie tego spotkania kończy się w tym miejscu.',
  },
  pt: {
    reconnecting: 'A interpretação de {} foi interrompida: a restabelecer a ligação…',
    resumed: 'A interpretação de {} foi retomada.',
    stopped: 'De momento, {} não é interpretado.',
    written: 'A partir de agora as traduções são escritas e não faladas.',
    ended: 'A interpretação desta reunião termina aqui.',
  },
  ru: {
    reconnecting: 'Перевод ({}) прерван: восстанавливаем соединение…',
    resumed: 'Перевод ({}) возобновлён.',
    stopped: 'Перевод ({}) сейчас недоступен.',
    written: 'С этого момента переводы пишутся, а не произносятся.',
    ended: 'Перевод этой встречи на этом заканчивается.',
  },
  tr: {
    reconnecting: '{} için çeviri kesildi: yeniden bağlanılıyor…',
    resumed: '{} için çeviri yeniden başladı.',
    stopped: '{} için şu anda çeviri yapılmıyor.',
    written: 'Bundan sonra çeviriler seslendirilmiyor, yazılıyor.',
    ended: 'Bu toplantının çevirisi burada bitiyor.',
  },
  uk: {
    reconnecting: 'Переклад ({}) перервано: відновлюємо з’єднання…',
    resumed: 'Переклад ({}) відновлено.',
    stopped: 'Переклад ({}) зараз недоступний.',
    written: 'Відтепер переклади пишуться, а не вимовляються.',
    ended: 'Переклад цієї зустрічі на цьому завершується.',
  },
  vi: {
    reconnecting: 'Phần phiên dịch của {} bị gián đoạn: đang kết nối lại…',
    resumed: 'Đã tiếp tục phiên dịch lời của {}.',
    stopped: 'Hiện lời của {} không được phiên dịch.',
    written: 'Từ bây giờ bản dịch được viết ra, không được đọc.',
    ended: 'Phần phiên dịch của cuộc họp này kết thúc tại đây.',
  },
  zh: {
    reconnecting: '{}的翻译中断：正在重新连接…',
    resumed: '已恢复翻译{}的发言。',
    stopped: '目前不翻译{}的发言。',
    written: '从现在起，译文只显示文字，不再播报。',
    ended: '本次会议的翻译到此结束。',
  },
  'zh-Hant': {
    reconnecting: '{}的翻譯中斷：正在重新連線…',
    resumed: '已恢復翻譯{}的發言。',
    stopped: '目前不翻譯{}的發言。',
    written: '從現在起，譯文只顯示文字，不再播報。',
    ended: '本次會議的翻譯到此結束。',
  },
} as const satisfies Readonly<Record<string, InterruptionTexts>>;
