import {
  type Aggregate,
  type ChunksOptions,
  isMembers,
  type JsonObject,
  type Members,
  wordsOf,
} from "@remem/core/plugin";
import { isGiven } from "../../json/members.ts";

/** The place of the texts in a line. */
export interface LineTexts {
  /** The member that has them; left out if they are members of the line itself. */
  readonly within?: string;
  /** Their names, in the order in which models write them. */
  readonly names: readonly string[];
}

/** Lists that come in pieces, too. */
const LISTS: ReadonlySet<string> = new Set(["tool_calls", "logprobs"]);

/** Assembles an answer from the lines of a stream. Texts add up, and the last value of any other member wins. */
export function createLinesAggregate({ within, names }: LineTexts): Aggregate<JsonObject> {
  const whole: Members = {};
  let hasFailed = false;

  function add(known: Members, piece: Members): void {
    for (const [name, value] of Object.entries(piece)) {
      const before = known[name];
      if (names.includes(name) && typeof before === "string" && typeof value === "string") known[name] = before + value;
      else if (LISTS.has(name) && Array.isArray(before) && Array.isArray(value)) known[name] = [...before, ...value];
      else known[name] = value;
    }
  }

  return {
    add(line) {
      const members: Members = { ...line };
      if (isGiven(members.error)) hasFailed = true;
      if (within !== undefined && isMembers(members[within])) {
        const known: Members = isMembers(whole[within]) ? { ...whole[within] } : {};
        add(known, members[within]);
        members[within] = known;
      }
      add(whole, members);
    },
    isComplete: () => whole.done === true && !hasFailed,
    answer: () => structuredClone(whole) as JsonObject,
  };
}

/** The lines of an answer, as Ollama streams them: its texts, its calls one by one, and the rest in the last line. */
export function* linesOf(
  answer: JsonObject,
  { within, names }: LineTexts,
  { byWord = false }: ChunksOptions = {},
): Generator<JsonObject, void, undefined> {
  const { model, created_at } = answer;
  const said = within === undefined ? answer : answer[within];
  const { tool_calls: calls, ...end }: Members = isMembers(said) ? { ...said } : {};
  const spoken = names.at(-1) as string;
  const silence = { ...("role" in end && { role: end.role }), [spoken]: "" };
  const line = (piece: Members) =>
    ({
      ...(model !== undefined && { model }),
      ...(created_at !== undefined && { created_at }),
      ...(within === undefined ? piece : { [within]: piece }),
      done: false,
    }) as JsonObject;

  for (const name of names) {
    const text = end[name];
    if (typeof text !== "string" || text === "") continue;
    for (const piece of byWord ? wordsOf(text) : [text]) yield line({ ...silence, [name]: piece });
    if (name === spoken) end[name] = "";
    else delete end[name];
  }
  const isCalling = Array.isArray(calls) && calls.length > 0;
  if (isCalling) for (const call of calls) yield line({ ...silence, tool_calls: [call] });
  else if (calls !== undefined) end.tool_calls = calls;
  yield (within === undefined ? end : { ...answer, ...(isMembers(said) && { [within]: end }) }) as JsonObject;
}
