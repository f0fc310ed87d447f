/** What a document may be at most: a file is somebody's, and nobody may stop a service with one. */

/** Of a file. PDF and DOCX hold pictures. */
export const MAX_FILE_BYTES = 20 * 1024 * 1024;
/** Of text, Markdown and HTML. */
export const MAX_TEXT_BYTES = 2 * 1024 * 1024;
/** Of what is read out of a file, in UTF-16 code units: a book of a thousand pages. */
export const MAX_TEXT_CHARS = 2_000_000;
export const MAX_PAGES = 1_000;
/** Of one file, once unpacked. */
export const MAX_UNPACKED_BYTES = 100 * 1024 * 1024;
export const MAX_ARCHIVE_ENTRIES = 5_000;
/** In all. */
export const READING_TIMEOUT_MS = 30_000;
/** Of the process that reads. */
export const READING_MEMORY_MIB = 512;
/** Files that are read at the same time; others wait. */
export const READ_AT_ONCE = 2;
/** Documents of one workspace. */
export const MAX_DOCUMENTS = 1_000;
export const MAX_NAME_CHARS = 200;
