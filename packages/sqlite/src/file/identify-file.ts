import { closeSync, openSync, readSync } from "node:fs";
import { PAGE_BYTES } from "./open-database.ts";
import { SCHEMA_VERSION, type TableOwner, tableOwnerOf } from "./schema.ts";

/**
 * What a file that SQLite refuses was, as far as its first bytes show: a cache of ours with nothing else in it, a cache
 * that may hold rows of REMem's Python class too, something of another program or of a newer version, or nothing
 * that can be told.
 */
export type FileKind = "ours" | "cache" | "other" | "unknown";

/** The first page holds the schema. */
const MAX_PAGE_BYTES = 65_536;
const DEFAULT_PAGE_BYTES = 4_096;
const MAGIC = Buffer.from("SQLite format 3\0");

/** The layout of the header is that of https://sqlite.org/fileformat.html#the_database_header. */
export function identifyFile(path: string): FileKind {
  const head = readHead(path);
  if (!head.includes(0)) return "unknown"; // A text, were it the dump of a cache.
  const hasHeader = head.length >= 100 && head.subarray(0, MAGIC.length).equals(MAGIC);
  const pageBytes = hasHeader ? head.readUInt16BE(16) : DEFAULT_PAGE_BYTES;
  const isNewer = hasHeader && head.readUInt32BE(60) > SCHEMA_VERSION;
  const schema = tableOwnersIn(head.subarray(0, pageBytes === 1 ? MAX_PAGE_BYTES : pageBytes));
  if (isNewer || schema.has("other")) return "other";
  if (hasHeader && pageBytes === PAGE_BYTES && schema.has("ours") && schema.size === 1) return "ours";
  // Without a header nobody knows where the schema ends, and answers behind it may speak of tables.
  const owners = hasHeader ? schema : tableOwnersIn(head);
  return owners.has("ours") || owners.has("python") ? "cache" : "unknown";
}

/** A row of the schema has the name of its table twice before the SQL, which may be what is damaged. */
const OUR_TABLE_NAME = /(remem_\w+)\1.{1,4}$/s;

function tableOwnersIn(bytes: Buffer): Set<TableOwner> {
  const pieces = bytes.toString("latin1").split(/(?=CREATE (?:VIRTUAL )?TABLE )/);
  return new Set(
    pieces.slice(1).map((sql, index) => (OUR_TABLE_NAME.test(pieces[index]!) ? "ours" : tableOwnerOf(sql))),
  );
}

/** To close it drops the locks that this process may have on it (POSIX): on a file that is damaged. */
function readHead(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(MAX_PAGE_BYTES);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
