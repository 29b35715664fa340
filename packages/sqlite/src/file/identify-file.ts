import { closeSync, openSync, readSync } from "node:fs";
import { PAGE_BYTES } from "./open-database.ts";
import { ownerOf, SCHEMA_VERSION, type TableOwner } from "./schema.ts";

/**
 * What a file that SQLite refuses was, as far as its first bytes show: a cache of ours with nothing else in it, a cache
 * that may hold rows of REMem's Python class too, something of another program or of a newer version, or nothing
 * that can be told.
 */
export type DamagedFile = "ours" | "cache" | "other" | "unknown";

/** The first page holds the schema. */
const LARGEST_PAGE_BYTES = 65_536;
const USUAL_PAGE_BYTES = 4_096;
const MAGIC = Buffer.from("SQLite format 3\0");

/** The layout of the header is that of https://sqlite.org/fileformat.html#the_database_header. */
export function whatIs(path: string): DamagedFile {
  const head = headOf(path);
  if (!head.includes(0)) return "unknown"; // A text, were it the dump of a cache.
  const hasHeader = head.length >= 100 && head.subarray(0, MAGIC.length).equals(MAGIC);
  const pageBytes = hasHeader ? head.readUInt16BE(16) : USUAL_PAGE_BYTES;
  const isNewer = hasHeader && head.readUInt32BE(60) > SCHEMA_VERSION;
  const schema = ownersIn(head.subarray(0, pageBytes === 1 ? LARGEST_PAGE_BYTES : pageBytes));
  if (isNewer || schema.has("other")) return "other";
  if (hasHeader && pageBytes === PAGE_BYTES && schema.has("ours") && schema.size === 1) return "ours";
  // Without a header nobody knows where the schema ends, and answers behind it may speak of tables.
  const owners = hasHeader ? schema : ownersIn(head);
  return owners.has("ours") || owners.has("original") ? "cache" : "unknown";
}

/** A row of the schema has the name of its table twice before the SQL, which may be what is damaged. */
const NAMED_AS_OURS = /(remem_\w+)\1.{1,4}$/s;

function ownersIn(bytes: Buffer): Set<TableOwner> {
  const pieces = bytes.toString("latin1").split(/(?=CREATE (?:VIRTUAL )?TABLE )/);
  return new Set(pieces.slice(1).map((sql, index) => (NAMED_AS_OURS.test(pieces[index]!) ? "ours" : ownerOf(sql))));
}

/** To close it drops the locks that this process may have on it (POSIX): on a file that is damaged. */
function headOf(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(LARGEST_PAGE_BYTES);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
