/**
 * How a model speaks when it answers instead of translating, in languages that many meetings have. Each phrase is one that
 * hardly anybody says in a meeting, and each subject lists what somebody must have said for it to be a translation all the
 * same: texts are compared in lower case without accents.
 */

/** What such a phrase is about. */
export type AssistantSubject = 'itself' | 'its_task' | 'refusing';

/** Phrases of a language, by subject. */
type Phrases = Readonly<Record<AssistantSubject, RegExp>>;

/** By spoken language. */
export const ASSISTANT_PHRASES: Readonly<Record<string, Phrases>> = {
  en: {
    itself:
      /\b(as an ai\b|i'?m an ai\b|i am an ai\b|(ai|large) language model|(i'?m|i am) (a|your) (virtual|digital) assistant)/,
    its_task:
      /^((sure|of course|certainly)[,!.]? )?(here'?s|here is|this is) the translation\b|^the translation (is|of (that|this|your))\b|\b(would you like me|what would you like me|i'?m (ready|here)) to translate\b|\bplease (provide|share|give me) (the|some) (text|audio|sentence)\b.*\btranslat/,
    refusing:
      /\bi (can'?t|cannot|can not|am unable to|'?m unable to) (assist|help) (you )?with (that|this)( request)?\b/,
  },
  es: {
    itself:
      /\b(como (una )?(ia|inteligencia artificial)\b|soy (una ia\b|una inteligencia artificial|un modelo de lenguaje|un asistente virtual)|modelo de lenguaje)/,
    its_task:
      /^((claro|por supuesto|desde luego)[,!.]? )?(aqui (tienes?|esta)|esta es) la traduccion\b|^la traduccion (es|de (eso|esto|su|tu))\b|\b(quieres?|desea|gustaria) que (te |le )?traduzca\b|\bestoy (aqui|listo|lista) para traducir\b/,
    refusing:
      /\bno puedo (ayudarte|ayudarle|asistirte|asistirle|ayudar|asistir) con (eso|esa solicitud|esa peticion)\b/,
  },
  de: {
    itself:
      /\b(als (eine )?(ki|kunstliche intelligenz)\b|ich bin (eine ki\b|eine kunstliche intelligenz|ein sprachmodell|ein virtueller assistent)|sprachmodell\b)/,
    its_task:
      /^((klar|naturlich|gerne|sicher)[,!.]? )?(hier ist|das ist) die ubersetzung\b|^die ubersetzung (lautet|ist|von)\b|\bsoll ich (das |es |dir |ihnen )*ubersetzen\b|\bich bin (bereit|hier),? um zu ubersetzen\b/,
    refusing: /\b(dabei|damit) kann ich (dir |ihnen |leider )*nicht (helfen|behilflich sein|dienen)\b/,
  },
  fr: {
    itself:
      /\b(en tant qu'?(une )?(ia|intelligence artificielle)\b|je suis (une ia\b|une intelligence artificielle|un modele de langage|un assistant virtuel)|modele de langage)/,
    its_task:
      /^((bien sur|certainement|d'accord)[,!.]? )?(voici|c'est) la traduction\b|^la traduction (est|de (cela|ceci|votre|ta))\b|\b(voulez-vous|veux-tu|souhaitez-vous) que je traduise\b|\bje suis (la|pret|prete) pour traduire\b/,
    refusing: /\bje ne peux pas (vous |t')?(aider|assister) avec (cela|ca|cette demande)\b/,
  },
  it: {
    itself:
      /\b(in quanto (ia|intelligenza artificiale)\b|sono (un'ia\b|un'intelligenza artificiale|un modello linguistico|un assistente virtuale)|modello linguistico)/,
    its_task:
      /^((certo|certamente|naturalmente)[,!.]? )?(ecco|questa e) la traduzione\b|^la traduzione (e|di (questo|quello))\b|\b(vuoi|vuole|desidera) che (io )?traduca\b|\bsono (qui|pronto|pronta) per tradurre\b/,
    refusing: /\bnon posso (aiutarti|aiutarla|assisterti|assisterla) con (questo|quello|questa richiesta)\b/,
  },
  pt: {
    itself:
      /\b(como (uma )?(ia|inteligencia artificial)\b|sou (uma ia\b|uma inteligencia artificial|um modelo de linguagem|um assistente virtual)|modelo de linguagem)/,
    its_task:
      /^((claro|com certeza|certamente)[,!.]? )?(aqui esta|esta e) a traducao\b|^a traducao (e|de (isso|isto))\b|\b(quer|deseja|gostaria) que eu traduza\b|\bestou (aqui|pronto|pronta) para traduzir\b/,
    refusing: /\bnao posso (ajuda-lo|ajuda-la|ajudar|te ajudar|ajudar voce) com (isso|esse pedido)\b/,
  },
  nl: {
    itself:
      /\b(als (een )?ai\b|ik ben (een ai\b|een taalmodel|een virtuele assistent|kunstmatige intelligentie)|taalmodel\b)/,
    its_task:
      /^((natuurlijk|zeker|tuurlijk)[,!.]? )?(hier is|dit is) de vertaling\b|^de vertaling (is|luidt|van)\b|\bwil(t u| je) dat ik (het |dit )?vertaal\b|\bik ben (klaar|hier) om te vertalen\b/,
    refusing: /\b(daar|hier)(bij|mee) kan ik (je |u )?(helaas )?niet helpen\b/,
  },
};

/**
 * Roots of words, in these languages, one of which somebody says whose sentence is truly about a subject. Where any of them is in
 * what was said, its translation may speak of it.
 */
export const SUBJECT_ROOTS: Readonly<Record<AssistantSubject, RegExp>> = {
  itself:
    /\b(ai|ia|ki|a\.i\.|i\.a\.|k\.i\.)\b|artifi[cz]|intellig|inteligen|kunstlich|kunstmatig|assist|asist|model|virtu|digital|chat|bot\b|robot|gpt|parley|llm/,
  its_task:
    /tradu|trasla|translat|ubersetz|vertal|vertaa|interpret|tolk|dolmetsch|version|verteil|sprach|language|idioma|lengua|langue|lingua|sprak|taal/,
  refusing:
    /\b(not|no|non|nao|nicht|niet|nie|ne|pas|kein|keine|geen|never|nunca|jamais|mai)\b|can'?t|cannot|imposs|unmog|onmog|unable|help|ayud|asist|assist|hilf|helf|aid(e|er|ez)\b|aiut|ajud|sorry|siento|leid|desol|dispiac|lament|spijt/,
};
