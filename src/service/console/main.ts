/** Where the console begins. */
import { bestTextLanguage, useTextLanguage } from './texts.js';

/** Passkeys hold for names, not for addresses: the same machine by its name. */
function isAtAddress(): boolean {
  return location.hostname === '127.0.0.1' || location.hostname === '[::1]';
}

/** The link that the service printed is a page of its own; here it is a place like others. */
function takeSetupLink(): void {
  if (location.pathname !== '/setup') return;
  const token = location.hash.replace(/^#/, '');
  history.replaceState(null, '', `/#/setup/${encodeURIComponent(token)}`);
}

if (isAtAddress()) {
  location.replace(`${location.protocol}//localhost:${location.port}${location.pathname}${location.hash}`);
} else {
  takeSetupLink();
  useTextLanguage(
    localStorage.getItem('parley.language') ?? bestTextLanguage(navigator.languages),
    navigator.languages,
  );
  await import('./app.js');
  if ('serviceWorker' in navigator)
    navigator.serviceWorker.register('/console-worker.js', { scope: '/' }).catch(() => {
      // Private windows have none; the console works without it.
    });
}
