// The journal in a file. Apart from the main entry, which needs no file system.

export type { Journal, JournalCall } from "../observe/journal.ts";
export { type FileJournal, type FileJournalOptions, fileJournal } from "./file-journal.ts";
export { type JournalReader, readJournal } from "./read-journal.ts";
