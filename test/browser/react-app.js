/* global window, document */
/** A page with React that uses the hook of examples/react, on the meeting of sdk-double.js. */
import { createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useParley } from '../../examples/react/use-parley.mjs';

const isInterpreter = (id) => id.startsWith('parley-');

function App() {
  const [language, setLanguage] = useState('en');
  const [meeting, setMeeting] = useState();
  const { captions, channels } = useParley(meeting, { language, isInterpreter });
  const join = () => {
    const made = window.VideoSDK.initMeeting({ participantId: 'guest-1', micEnabled: false });
    setMeeting(made);
    void made.join();
  };
  return h('div', null, [
    h('button', { key: 'join', onClick: join }, 'Join'),
    h('button', { key: 'es', onClick: () => setLanguage('es') }, 'Español'),
    h('button', { key: 'end', onClick: () => setMeeting(undefined) }, 'End'),
    h('p', { key: 'channels' }, channels.join(' ')),
    h(
      'ol',
      { key: 'captions' },
      captions.map(({ key, text }) => h('li', { key }, text)),
    ),
  ]);
}

createRoot(document.getElementById('root')).render(h(StrictMode, null, h(App)));
