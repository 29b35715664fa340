// The journal in a file. Apart from the main entry, which needs no file system.
export { type FileJournal, type FileJournalOptions, fileJournal } from "./journal/file-journal.ts";
export { type JournalReader, readJournal } from "./journal/read-journal.ts";
export type { Journal, JournalCall } from "./observe/journal.ts";
