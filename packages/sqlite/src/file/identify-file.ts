import { closeSync, openSync, readSync } from "node:fs";
import { PAGE_BYTES } from "./open-database.ts";
import { SCHEMA_VERSION, type TableOwner, tableOwnerOf } from "./schema.ts";

/**
 * What a damaged file was: a cache of ours and nothing else, a cache that may also hold rows of REMem's Python class, a
 * database of another program or of a newer version, or unknown.
 */
export type FileKind = "ours" | "cache" | "other" | "unknown";

/** The first page holds the schema. */
const MAX_PAGE_BYTES = 65_536;
const DEFAULT_PAGE_BYTES = 4_096;
const MAGIC = Buffer.from("SQLite format 3\0");

/**
 * Classifies a file that SQLite refuses to open by its first page. For the layout of the header see
 * https://sqlite.org/fileformat.html#the_database_header.
 */
export function identifyFile(path: string): FileKind {
  const head = readHead(path);
  if (!head.includes(0)) return "unknown"; // A text, such as the dump of a cache.
  const hasHeader = head.length >= 100 && head.subarray(0, MAGIC.length).equals(MAGIC);
  const pageBytes = hasHeader ? head.readUInt16BE(16) : DEFAULT_PAGE_BYTES;
  const isNewer = hasHeader && head.readUInt32BE(60) > SCHEMA_VERSION;
  const schema = tableOwnersIn(head.subarray(0, pageBytes === 1 ? MAX_PAGE_BYTES : pageBytes));
  if (isNewer || schema.has("other")) return "other";
  if (hasHeader && pageBytes === PAGE_BYTES && schema.has("ours") && schema.size === 1) return "ours";
  // Without a header the end of the schema is unknown, and the answers after it may contain SQL.
  const owners = hasHeader ? schema : tableOwnersIn(head);
  return owners.has("ours") || owners.has("python") ? "cache" : "unknown";
}

/** A schema row repeats the table's name right before the SQL, which itself may be damaged. */
const OUR_TABLE_NAME = /(remem_\w+)\1.{1,4}$/s;

function tableOwnersIn(bytes: Buffer): Set<TableOwner> {
  const pieces = bytes.toString("latin1").split(/(?=CREATE (?:VIRTUAL )?TABLE )/);
  return new Set(
    pieces.slice(1).map((sql, index) => (OUR_TABLE_NAME.test(pieces[index]!) ? "ours" : tableOwnerOf(sql))),
  );
}

/** Closing the file drops the locks that this process has on it (POSIX), which is acceptable for a damaged file. */
function readHead(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(MAX_PAGE_BYTES);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
