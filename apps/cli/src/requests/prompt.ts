import type { JsonValue } from "remem";
import { UsageError } from "../flags/usage-error.ts";
import { isObject, type Members } from "../json.ts";
import { readTemplate, type Template } from "./template.ts";

/** The flags that turn lines without requests, such as those of an evaluation set, into messages. */
export interface PromptFlags {
  /** The column that holds the user's message. */
  readonly field?: string;
  /** The path of a file with the user's message, in which `{{name}}` is the column of this name. */
  readonly template?: string;
  /** A system message for every line. */
  readonly system?: string;
}

/** Makes the messages of a line. */
export interface PromptMaker {
  /**
   * The messages of a line, and the columns that they were made of. `messages` is left out if the line has none.
   * @throws {UsageError} if the line does not fit the flags
   */
  promptOf(line: Members, place: string): Prompt;
}

export interface Prompt {
  readonly messages?: JsonValue | undefined;
  readonly used: ReadonlySet<string>;
  /** The reason why the line has no message that could be sent. */
  readonly problem?: string;
}

const NOTHING: ReadonlySet<string> = new Set();

/** @throws {UsageError} if the flags contradict each other, or the template cannot be used */
export function createPromptMaker({ field, template: path, system }: PromptFlags): PromptMaker {
  if (field !== undefined && path !== undefined) {
    throw new UsageError("--field and --template both make the user's message. Give one of them.");
  }
  const template = path === undefined ? undefined : readTemplate(path);

  function ownOrMade(line: Members, place: string): Prompt {
    if (line.messages !== undefined) return { messages: line.messages, used: NOTHING };
    if (field !== undefined) return fromField(line, field, place);
    return template === undefined ? { used: NOTHING } : fromTemplate(line, template, place);
  }

  return {
    promptOf(line, place) {
      const prompt = ownOrMade(line, place);
      if (system === undefined || !Array.isArray(prompt.messages)) return prompt;
      const [first] = prompt.messages;
      if (isObject(first) && (first.role === "system" || first.role === "developer")) {
        throw new UsageError(`${place} begins with a ${first.role} message. --system would add a second one.`);
      }
      return { ...prompt, messages: [{ role: "system", content: system }, ...prompt.messages] };
    },
  };
}

function fromField(line: Members, field: string, place: string): Prompt {
  const { value, column } = found(line, field, place, `--field ${field}`);
  const used = new Set([column]);
  if (isEmpty(value)) return { used, problem: `has nothing in "${field}"` };
  if (typeof value === "string") return { used, messages: [{ role: "user", content: value }] };
  if (Array.isArray(value)) {
    if (value.every((item) => isObject(item) && "role" in item)) return { used, messages: value };
    if (value.every((item) => isObject(item) && "type" in item)) {
      return { used, messages: [{ role: "user", content: value }] };
    }
    const turns = `--field ${field}.0 sends the first of them`;
    throw new UsageError(`${place}: "${field}" is a list, not one message. ${turns}.`);
  }
  throw new UsageError(`${place}: "${field}" is not text. Use --template to put it into a text.`);
}

function fromTemplate(line: Members, template: Template, place: string): Prompt {
  const used = new Set<string>();
  let isBlank = true;
  const content = template.fill((name) => {
    const { value, column } = found(line, name, place, `{{${name}}} in the template`);
    used.add(column);
    if (isEmpty(value)) return "";
    isBlank = false;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
  if (isBlank) return { used, problem: `has nothing in ${quoted(template.names)}` };
  return { used, messages: [{ role: "user", content }] };
}

function isEmpty(value: JsonValue): boolean {
  return value === null || (typeof value === "string" && value.trim() === "");
}

/** The value of a column; of one in its `vars`; or of a path such as `turns.0`. */
function found(line: Members, name: string, place: string, wantedBy: string): { value: JsonValue; column: string } {
  const own = valueAt(line, [name]);
  if (own !== undefined) return { value: own, column: name };
  const variable = valueAt(line, ["vars", name]);
  if (variable !== undefined) return { value: variable, column: "vars" };
  const path = name.split(".");
  const deep = valueAt(line, path);
  if (deep !== undefined) return { value: deep, column: path[0]! };
  throw new UsageError(`${place} has no "${name}", which ${wantedBy} asks for. It has ${quoted(namesIn(line))}.`);
}

function valueAt(line: Members, path: readonly string[]): JsonValue | undefined {
  let value: unknown = line;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Members)[name];
  }
  return value as JsonValue | undefined;
}

function namesIn(line: Members): string[] {
  const { vars } = line;
  return [...Object.keys(line), ...(isObject(vars) ? Object.keys(vars).map((name) => `vars.${name}`) : [])];
}

/** Names in quotes, as a list. */
export function quoted(names: readonly string[]): string {
  return names.length === 0 ? "no columns" : names.map((name) => JSON.stringify(name)).join(", ");
}
