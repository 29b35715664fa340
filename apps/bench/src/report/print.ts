import { type Aim, type Cell, type Column, figureIn, isReached, type Table } from "./table.ts";

/** The table as plain text, followed by its aims and notes. */
export function textOfTable(table: Table): string {
  const columns = Object.entries(table.columns);
  const lines = [
    ["", ...columns.map(([, { title }]) => title)],
    ...table.rows.map(({ name, cells }) => [name, ...columns.map(([id, column]) => textOfCell(cells[id], column))]),
  ];
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const body = lines.map((line) =>
    line.map((text, at) => (at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!))).join("  "),
  );
  const aims = (table.aims ?? []).map((aim) => textOfAim(table, aim));
  return [table.title, ...body, ...aims, ...(table.notes ?? []).map((note) => `(${note})`)].join("\n");
}

function textOfCell(cell: Cell, { digits = 2 }: Column): string {
  if (cell === undefined) return "";
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return cell.toFixed(digits);
  return `${cell.median.toFixed(digits)} (${cell.low.toFixed(digits)} to ${cell.high.toFixed(digits)})`;
}

function textOfAim(table: Table, aim: Aim): string {
  const { row, column } = aim;
  const figure = figureIn(table, row, column)?.toFixed(table.columns[column]!.digits ?? 2) ?? "nothing";
  return `${isReached(table, aim) ? "+" : "-"} aim: ${row}, ${table.columns[column]!.title}: ${boundsOf(aim)}; now ${figure}`;
}

function boundsOf({ most, least }: Aim): string {
  if (most === least) return `exactly ${most}`;
  return most === undefined ? `at least ${least}` : `at most ${most}`;
}
