import type { Spread } from "../harness/statistics.ts";

/** A result of a scenario. */
export interface Table {
  /** For programs: `hit/sqlite/1KB`. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  readonly columns: Readonly<Record<string, Column>>;
  readonly rows: readonly Row[];
  /** The goals of remem. Missing one is not a failure. */
  readonly aims?: readonly Aim[];
  /** The facts that a reader needs. */
  readonly notes?: readonly string[];
}

export interface Column {
  readonly title: string;
  /** Decimal places. 2 by default. */
  readonly digits?: number;
}

export interface Row {
  readonly name: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** A figure, a figure with its spread, or text. Left out for an empty cell. */
export type Cell = number | Spread | string | undefined;

export interface Aim {
  readonly row: string;
  readonly column: string;
  readonly most?: number;
  readonly least?: number;
}

/** The figure without its spread. */
export function figureIn(table: Table, row: string, column: string): number | undefined {
  const cell = table.rows.find(({ name }) => name === row)?.cells[column];
  if (cell === undefined || typeof cell === "string") return undefined;
  return typeof cell === "number" ? cell : cell.median;
}

export function isReached(table: Table, { row, column, most, least }: Aim): boolean {
  const figure = figureIn(table, row, column);
  return (
    figure !== undefined &&
    figure <= (most ?? Number.POSITIVE_INFINITY) &&
    figure >= (least ?? Number.NEGATIVE_INFINITY)
  );
}
