import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

/**
 * Reads the rows of a statement one by one. Deno's `iterate` ends when it should throw, such as for a locked file. Then there
 * is no first row, and `get` throws.
 */
export function* rowsOf(
  statement: StatementSync,
  ...parameters: SQLInputValue[]
): Generator<Record<string, SQLOutputValue>, void> {
  let isEmpty = true;
  for (const row of statement.iterate(...parameters)) {
    isEmpty = false;
    yield row;
  }
  if (isEmpty) statement.get(...parameters);
}
