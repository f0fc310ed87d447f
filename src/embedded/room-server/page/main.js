/** The meeting page: one screen before the meeting, one in it, one after it. */
import { byId, fillLanguages } from './elements.js';
import { JoinScreen } from './join-screen.js';
import { languageChoices } from './languages.js';
import { MeetingScreen } from './meeting-screen.js';
import { probeMicrophone } from './microphone-check.js';
import { EntryError, requestEntry } from './server.js';

/** @typedef {'join-screen' | 'meeting-screen' | 'left-screen'} ScreenId */

/** @type {readonly ScreenId[]} */
const SCREENS = ['join-screen', 'meeting-screen', 'left-screen'];

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

const meetingId = meetingIdOf(location.pathname);
document.title = `${meetingId} · Parley`;
for (const element of document.querySelectorAll('.meeting-id')) element.textContent = meetingId;

const languages = languageChoices();
fillLanguages(byId('meeting-language', HTMLSelectElement), languages);

const joinScreen = new JoinScreen(languages, async (person) => {
  const sdk = window.VideoSDK;
  if (sdk === undefined) return 'The meeting software did not load. Load the page again.';
  try {
    const entry = await requestEntry(meetingId, person);
    const microphoneProblem = await probeMicrophone();
    const screen = new MeetingScreen(
      sdk,
      { entry, ...person, microphoneProblem },
      {
        onLanguage: (language) => joinScreen.setLanguage(language),
        onLeft: ({ wasAsked, message }) => {
          byId('left-screen-heading', HTMLElement).textContent = wasAsked
            ? message
            : 'You are not in the meeting any more';
          byId('left-reason', HTMLElement).textContent = wasAsked ? '' : message;
          show('left-screen');
        },
      },
    );
    show('meeting-screen');
    screen.join();
    return undefined;
  } catch (error) {
    if (error instanceof EntryError) return error.message;
    throw error;
  }
});

byId('again-button', HTMLButtonElement).addEventListener('click', () => show('join-screen'));
