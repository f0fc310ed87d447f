import { preferredLanguages } from './people/preferred-languages.js';
import type { LanguageTag } from '../languages/languages.js';
import type { MeetingCore } from './meeting-core.js';
import type { MeetingOptions } from './meeting-options.js';
import type { MeetingContext } from './meeting-part.js';

/** A meeting as its parts see it. `offered`: its declared languages, empty for whatever people prefer. */
export function createMeetingContext(
  core: MeetingCore,
  options: MeetingOptions,
  offered: () => readonly LanguageTag[],
): MeetingContext {
  const { clock, room, name = 'Parley' } = options;
  const { events, parts, time, roster, routes, channels, announcer, speech, audioInput } = core;
  return {
    clock,
    room,
    name,
    events,
    people: () => roster.people(),
    personOf: (participantId) => roster.get(participantId),
    routes: () => routes.all.map((route) => route.snapshot()),
    soundOf: (participantId, time) => audioInput.soundOf(participantId, time),
    toMeetingMs: (atMs) => time.toMeetingMs(atMs),
    notice: (notice) => {
      events.emit('notice', notice);
    },
    notify: (person, notice, interruption) => {
      parts.call('notified', person, notice, interruption);
    },
    showCaption: (caption) => {
      events.emit('caption', caption);
      parts.call('caption', caption);
    },
    isSpoken: (language) => channels.voiceFor(language) !== undefined,
    say: (text, languages = preferredLanguages(roster.people(), offered()), how) =>
      announcer.sayAll(text, languages, how),
    speech,
    tell: (news) => {
      if ('agent' in news) events.emit('agent', news.agent);
      else if ('note' in news) events.emit('note', news.note);
      else events.emit('tool', news.tool);
    },
    choose: (participantId, fields) => roster.choose(participantId, fields),
    refreshInstructions: () => {
      routes.refresh();
    },
  };
}
