/** The meeting page: where to start, one screen before the meeting, one in it, one after it. */
import { byId } from './elements.js';
import { JoinScreen } from './join-screen.js';
import { LanguageDialog, LanguagePicker } from './language-picker.js';
import { bestOf, Languages } from './languages.js';
import { MeetingScreen } from './meeting-screen.js';
import { probeMicrophone } from './microphone-check.js';
import { keepPerson, readPerson } from './preferences.js';
import { EntryError, loadCatalogue, meetingLanguages, requestEntry } from './server.js';
import { StartScreen } from './start-screen.js';
import { text, useTexts } from './texts.js';
import { saveTranscript } from './transcript.js';

/** @typedef {import('./page-types.d.ts').Catalogue} Catalogue */
/** @typedef {import('./page-types.d.ts').ShownCaption} ShownCaption */
/** @typedef {'start-screen' | 'join-screen' | 'meeting-screen' | 'left-screen'} ScreenId */

/** @type {readonly ScreenId[]} */
const SCREENS = ['start-screen', 'join-screen', 'meeting-screen', 'left-screen'];

/** Shows one screen and moves the focus to its heading, where a screen reader begins to read. @param {ScreenId} id */
function show(id) {
  for (const screen of SCREENS) byId(screen, HTMLElement).hidden = screen !== id;
  byId(`${id}-heading`, HTMLElement).focus();
}

/** @param {string} pathname */
function meetingIdOf(pathname) {
  try {
    return decodeURIComponent(pathname.slice(1));
  } catch {
    return pathname.slice(1);
  }
}

/**
 * The languages of this meeting; undefined when there is no such meeting.
 * @param {string} meetingId
 */
async function languagesOf(meetingId) {
  try {
    return await meetingLanguages(meetingId);
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    return error.key === 'server.gone' ? undefined : [];
  }
}

/** @param {Catalogue} catalogue @param {string} meetingId @param {readonly string[]} here */
function startMeeting({ languages: choices, texts, phrases }, meetingId, here) {
  document.title = `${meetingId} · Parley`;
  for (const element of document.querySelectorAll('.meeting-id')) element.textContent = meetingId;
  const languages = new Languages(choices);
  const person = readPerson();
  const dialog = new LanguageDialog(languages);
  dialog.setMeetingLanguages(here);
  /** @type {MeetingScreen | undefined} */
  let screen;
  /** @type {readonly ShownCaption[]} of the last stay */
  let speech = [];

  const onChoice = (/** @type {string} */ language) => {
    for (const picker of pickers) picker.set(language);
    screen?.setLanguage(language);
    keepPerson({ ...readPerson(), language });
    // Who reads a language that the page has no texts in keeps those that are there.
    const readable = bestOf(texts, [language]);
    if (readable !== 'en' || language.startsWith('en')) void useTexts(readable).catch(() => undefined);
  };
  const pickers = ['language', 'meeting-language'].map(
    (id) => new LanguagePicker(id, { languages, dialog, onChoice }),
  );
  const [picker] = /** @type {[LanguagePicker]} */ (/** @type {unknown} */ (pickers));
  const known = languages.among([person.language]).length > 0 ? [person.language] : navigator.languages;
  for (const each of pickers) each.set(languages.best(known));

  new JoinScreen(person.name, picker, async ({ name, language }) => {
    const sdk = window.VideoSDK;
    if (sdk === undefined) return text('problem.sdk');
    try {
      const entry = await requestEntry(meetingId, { name, language });
      keepPerson({ name, language });
      const microphoneProblem = await probeMicrophone();
      const stay = (screen = new MeetingScreen(
        sdk,
        { meetingId, entry, name, language: picker.language, languages, phrases, microphoneProblem },
        ({ wasAsked, text: key, code }) => {
          speech = stay.speech;
          screen = undefined;
          const message = text(key, { code });
          byId('left-screen-heading', HTMLElement).textContent = wasAsked ? message : text('left.heading');
          byId('left-reason', HTMLElement).textContent = wasAsked ? '' : message;
          byId('left-save-button', HTMLElement).hidden = speech.length === 0;
          show('left-screen');
        },
      ));
      show('meeting-screen');
      stay.join();
      return undefined;
    } catch (error) {
      if (error instanceof EntryError) return text(error.key, { status: error.status });
      throw error;
    }
  });
  const save = () => saveTranscript(screen?.speech ?? speech, { meetingId, language: picker.language });
  byId('save-button', HTMLButtonElement).addEventListener('click', save);
  byId('left-save-button', HTMLButtonElement).addEventListener('click', save);
  byId('again-button', HTMLButtonElement).addEventListener('click', () => show('join-screen'));
}

const catalogue = await loadCatalogue();
const { language } = readPerson();
await useTexts(
  bestOf(catalogue.texts, language === '' ? navigator.languages : [language, ...navigator.languages]),
);
const meetingId = meetingIdOf(location.pathname);
const here = meetingId === '' ? undefined : await languagesOf(meetingId);
if (here === undefined) {
  new StartScreen(meetingId);
  show('start-screen');
} else {
  startMeeting(catalogue, meetingId, here);
  show('join-screen');
}
