import type { IBufferCell, Terminal } from "@xterm/headless";

const CELL = { width: 8.4, height: 19, font: 14 };
const EDGE = 18;
const BACKGROUND = "#1b1f27";
const FOREGROUND = "#d7dde6";
/** The sixteen colours of a terminal, on that background. */
const PALETTE = [
  ...["#3b4252", "#f2777a", "#8ccf7e", "#e5c76b", "#7fb3f0", "#c792ea", "#78c9cf", "#d7dde6"],
  ...["#7a8394", "#ff9a9d", "#a8e29b", "#f5dc8d", "#a2cbff", "#dcb4f7", "#9be0e5", "#ffffff"],
];

interface Run {
  readonly column: number;
  readonly style: string;
  text: string;
  cells: number;
}

/** Draws the content of a terminal as a picture. */
export function svgOf(terminal: Terminal, label: string): string {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, row) => runsOf(terminal, row));
  const rows = lines.findLastIndex((runs) => runs.length > 0) + 1;
  const width = terminal.cols * CELL.width + 2 * EDGE;
  const height = rows * CELL.height + 2 * EDGE;
  const texts = lines.slice(0, rows).flatMap((runs, row) => runs.map((run) => textOf(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
<rect width="${width}" height="${height}" rx="10" fill="${BACKGROUND}"/>
<g fill="${FOREGROUND}" font-size="${CELL.font}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace">
${texts.join("\n")}
</g>
</svg>
`;
}

/** Splits a line into runs of cells of one style. Several blanks end a run, too. */
function runsOf(terminal: Terminal, row: number): Run[] {
  const line = terminal.buffer.active.getLine(row)!;
  const runs: Run[] = [];
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line.getCell(column)!;
    if (cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const last = runs.at(-1);
    const text = cell.getChars() || " ";
    if (text === " " && (last?.style !== style || last.text.endsWith(" "))) continue;
    if (last?.style === style && last.column + last.cells === column) {
      last.text += text;
      last.cells += cell.getWidth();
    } else runs.push({ column, style, text, cells: cell.getWidth() });
  }
  return runs.filter(({ text }) => text !== " ").map(withoutLastBlank);
}

function withoutLastBlank(run: Run): Run {
  return run.text.endsWith(" ") ? { ...run, text: run.text.slice(0, -1), cells: run.cells - 1 } : run;
}

function styleOf(cell: IBufferCell): string {
  const colour = cell.isFgPalette() ? PALETTE[cell.getFgColor()] : undefined;
  return [
    colour && ` fill="${colour}"`,
    cell.isBold() ? ` font-weight="600"` : "",
    cell.isDim() ? ` opacity="0.65"` : "",
  ].join("");
}

function textOf({ column, style, text, cells }: Run, row: number): string {
  const x = (EDGE + column * CELL.width).toFixed(1);
  const y = (EDGE + row * CELL.height + CELL.font).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${(cells * CELL.width).toFixed(1)}"${style}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
