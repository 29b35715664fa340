import { type InferRequest, type JsonValue, parseJson } from "remem";
import { UsageError } from "../flags/usage-error.ts";
import type { Row } from "../input/rows.ts";
import type { Members } from "../json.ts";
import { columnsOf } from "./columns.ts";
import { isParameter, isSetting } from "./parameters.ts";
import { plainRecord } from "./plain-record.ts";
import { type PromptMaker, quoted } from "./prompt.ts";
import { badLine, type LineFlags, memberAsWritten, type RequestLine, sampleOf } from "./request-line.ts";

/**
 * Reads a line of messages and parameters, or of columns that become messages.
 * @throws {UsageError} if it does not fit the flags
 */
export function parsePlainLine(row: Row, flags: LineFlags, prompts: PromptMaker): RequestLine {
  const { id: _, ...line } = row.text === undefined ? fromCells(row.members, flags.send) : row.members;
  const { messages, used, problem } = prompts.promptOf(line, row.place);
  const isMade = line.messages === undefined;
  const { messages: __, ...others } = line;
  const { request, kept, unknown } = columnsOf(others, flags, used, isMade ? isSetting : isParameter);
  if (unknown.length > 0) throw unknownColumns(row.place, unknown, isMade && used.size === 0);
  const id = memberAsWritten(row, "id");
  const start = { ...(id !== undefined && { id }), ...kept };
  if (problem !== undefined) return badLine(row, problem, start);
  return {
    number: row.number,
    item: { ...(messages !== undefined && { messages }), ...request } as unknown as InferRequest,
    record: (result, sample) => ({ ...start, ...sampleOf(sample), ...plainRecord(result, flags) }),
  };
}

/** The cells of a table as values. Parameters are JSON, or else texts. An empty cell of a parameter is left out. */
function fromCells(cells: Members, send: readonly string[]): Members {
  const line: Record<string, JsonValue | undefined> = { ...cells };
  for (const [name, cell] of Object.entries(cells)) {
    if (!isParameter(name) && !send.includes(name)) continue;
    if (cell === "") delete line[name];
    else if (name !== "model" && name !== "user") line[name] = parsedCell(cell as string);
  }
  return line;
}

function parsedCell(cell: string): JsonValue {
  try {
    return parseJson(cell);
  } catch {
    return cell;
  }
}

const USUAL_FIELDS = ["question", "prompt", "input", "instruction", "problem", "query", "text", "turns", "vars"];

/** Members that mean nothing to a server. The advice after the problem names flags. */
export class UnknownColumnsError extends UsageError {
  readonly problem: string;

  constructor(problem: string, advice: string) {
    super(`${problem}${advice}`);
    this.problem = `${problem}.`;
  }
}

function unknownColumns(place: string, names: readonly string[], isWithoutMessages: boolean): UnknownColumnsError {
  const joined = names.join();
  const list = /^[\w.,-]+$/.test(joined) ? joined : JSON.stringify(joined); // A shell would split it at spaces.
  const toOutput = `--keep ${list} writes ${names.length === 1 ? "it" : "them"} to the output`;
  if (!isWithoutMessages) {
    return new UnknownColumnsError(
      `${place} has ${quoted(names)}, which no documented server takes as a parameter`,
      `. ${toOutput} and does not send it; --send ${list} sends it.`,
    );
  }
  const field = USUAL_FIELDS.find((usual) => names.includes(usual)) ?? names[0]!;
  return new UnknownColumnsError(
    `${place} has no "messages". It has ${quoted(names)}`,
    `: --field ${field} sends that column as the user's message, --template <file> a text in which {{${field}}} stands for it, and --keep <names> writes others to the output.`,
  );
}
