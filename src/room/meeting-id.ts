/** Ids of meetings, and links to them as people copy them. */
import { isInheritedName } from '../inherited-names.js';

const ID_SHAPE = /^[\w.~-]{1,128}$/;

/** Whether a text can be a meeting's id: VideoSDK's addresses carry no other ones. */
export function isMeetingId(text: string): boolean {
  return ID_SHAPE.test(text) && !isInheritedName(text);
}

/**
 * The meeting that somebody names: its id, or a link to it, whose last part is the id (a meeting page's) or whose `meetingId`
 * names it. Undefined for anything else.
 */
export function meetingIdIn(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return isMeetingId(text) ? text : undefined;
  if (!URL.canParse(text)) return undefined;
  const { pathname, searchParams } = new URL(text);
  const id = searchParams.get('meetingId') ?? pathname.split('/').findLast((part) => part !== '');
  return id !== undefined && isMeetingId(id) ? id : undefined;
}
