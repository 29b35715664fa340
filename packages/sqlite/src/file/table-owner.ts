export type TableOwner = "ours" | "original" | "other";

const OURS = /^CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?["'`[]?(?:remem|sqlite)_/i;
const ORIGINAL = /^CREATE TABLE (?:IF NOT EXISTS )?["'`[]?cache\b[^(]*\([^)]*\bmessage\b[^)]*\bmetadata\b/i;

/** Whose table a `CREATE TABLE` makes: `"original"` is that of REMem's Python class, whose rows are somebody's paid answers. */
export function ownerOf(createTable: string): TableOwner {
  if (OURS.test(createTable)) return "ours";
  return ORIGINAL.test(createTable) ? "original" : "other";
}
