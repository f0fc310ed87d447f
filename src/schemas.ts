/** Schemas (zod) of the documents that Parley reads and writes, for programs that check or generate them. */
export { meetingSettings, meetingSettingsJsonSchema, parseMeetingSettings } from './bot/meeting-settings.js';
export { type JoinEvent, joinEventSchema } from './bot/events.js';
export { type MeetingDocument, meetingDocumentSchema } from './replay/meeting/document.js';
export {
  type ReplayDocument,
  replayDocumentSchema,
  type ReplayedFile,
  replayedFileSchema,
  type ReplayTurn,
  replayTurnSchema,
} from './replay/output/document.js';
