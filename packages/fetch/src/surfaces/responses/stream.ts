import {
  type Aggregate,
  type ChunksOptions,
  isMembers,
  type JsonObject,
  type Members,
  membersOf,
} from "@remem/core/plugin";
import { isGiven } from "../../json/members.ts";
import { itemEvents } from "./items.ts";

/** The events that end a stream. Each has the response, which is the answer. */
const LAST: ReadonlySet<unknown> = new Set(["response.completed", "response.incomplete", "response.failed"]);

/** Assembles a response. Its last event contains all of it. Before that, only the finished items are known. */
export function createResponseAggregate(): Aggregate<JsonObject> {
  let response: Members = { object: "response", status: "in_progress", output: [] };
  const items = new Map<unknown, Members>();
  let isWhole = false;
  let hasFailed = false;

  return {
    add(chunk) {
      const { type, response: latest, item, output_index: index, error } = chunk as Members;
      if (type === "error" || type === "response.failed" || isGiven(error)) hasFailed = true;
      if (isMembers(latest)) response = latest;
      if (type === "response.output_item.done" && isMembers(item)) items.set(index, item);
      if (LAST.has(type) && isMembers(latest)) isWhole = true;
    },
    isComplete: () => isWhole && !hasFailed,
    answer() {
      // Some servers leave the output out of the last event.
      const isEmpty = membersOf(response.output).length === 0;
      return structuredClone(isEmpty ? { ...response, output: [...items.values()] } : response) as JsonObject;
    },
  };
}

/** The events of a response, as OpenAI streams them. */
export function* responseEvents(
  answer: JsonObject,
  { byWord = false }: ChunksOptions = {},
): Generator<JsonObject, void, undefined> {
  let number = 0;
  const numbered = ({ type, ...event }: Members) => ({ type, sequence_number: number++, ...event }) as JsonObject;
  const response = begun(answer);
  yield numbered({ type: "response.created", response });
  yield numbered({ type: "response.in_progress", response });
  for (const [index, item] of membersOf(answer.output).entries()) {
    for (const event of itemEvents(item, index, byWord)) yield numbered(event);
  }
  const status = LAST.has(`response.${answer.status}`) ? answer.status : "completed";
  yield numbered({ type: `response.${status}`, response: answer });
}

/** The response before its first item. */
function begun(answer: JsonObject): JsonObject {
  const response: { [name: string]: unknown } = { ...answer, status: "in_progress", output: [] };
  for (const name of ["usage", "incomplete_details", "completed_at", "error"]) {
    if (name in response) response[name] = null;
  }
  return response as JsonObject;
}
