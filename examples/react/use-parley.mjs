// A React hook. `meeting` is what VideoSDK.initMeeting returned, or undefined before; what comes back has NOTHING's fields.
// useEffect(() => void meeting?.join(), [meeting]); // below it: effects run in their order, so the client is there first
import { useEffect, useState } from 'react';
import { parleyClient } from '@parley-interpreter/parley/client';

const NOTHING = {
  parley: undefined,
  captions: [],
  channels: [],
  isTranslating: false,
  isAudioBlocked: false,
};

export function useParley(meeting, { language, isInterpreter }) {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    if (meeting === undefined) return undefined;
    const parley = parleyClient(meeting, { language, isInterpreter });
    const show = (more) => {
      const { captions, outputChannels: channels, isTranslating } = parley;
      setState((before) => ({ ...before, parley, captions, channels, isTranslating, ...more }));
    };
    for (const event of ['caption', 'caption-removed', 'translating', 'change'])
      parley.on(event, () => show());
    parley.on('audio-blocked', (isAudioBlocked) => show({ isAudioBlocked })); // then a button: parley.resumeAudio()
    parley.playEveryone();
    show();
    return () => {
      parley.close();
      setState(NOTHING);
    };
  }, [meeting]); // another language does not need another client

  useEffect(() => {
    if (state.parley !== undefined && state.parley.language !== language)
      state.parley.askForLanguage(language);
  }, [state.parley, language]);

  return state;
}
