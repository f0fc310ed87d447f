/**
 * `@parley-interpreter/parley/client`: what a page of yours needs to be interpreted by Parley. It is a browser module
 * without dependencies; docs/host-app.md shows its use.
 */
import type { Meeting, ParleyClient, ParleyClientOptions } from './api.js';
import { Client } from './client.js';

export type * from './api.js';
export { captionTexts } from './captions.js';
export { captionsTopic, isSameLanguage } from './languages.js';

/**
 * Connects a page to Parley in a meeting. It follows the meeting through reconnects, and ends when the meeting is left.
 * Throws TypeError without `isInterpreter`, RangeError for a language that is no BCP 47 tag.
 */
export function parleyClient(meeting: Meeting, options: ParleyClientOptions): ParleyClient {
  return new Client(meeting, options);
}

/**
 * For `metaData` of `VideoSDK.initMeeting`: what this person wants to hear and, unless `spokenLanguages` says otherwise,
 * speaks, as BCP 47 tags; and that this page plays one of the interpreter's voices only. When every page in a meeting says
 * so, the interpreter publishes a voice for each language.
 */
export function parleyMetadata(
  language: string,
  { spokenLanguages }: { spokenLanguages?: readonly string[] } = {},
): { preferredLanguage: string; spokenLanguages?: readonly string[]; parley: { channels: true } } {
  return {
    preferredLanguage: language,
    ...(spokenLanguages === undefined ? {} : { spokenLanguages }),
    parley: { channels: true },
  };
}
