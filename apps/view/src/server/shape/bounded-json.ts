import { type BoundedJson, CUT } from "../../wire.ts";

interface Bounds {
  /** How deep values may be nested. */
  readonly depth: number;
  /** How many values there may be in all. */
  readonly values: number;
  /** How many characters there may be in all. */
  readonly characters: number;
}

const BOUNDS: Bounds = { depth: 64, values: 20_000, characters: 1_000_000 };
/** Only the beginning of a longer text is kept. */
const LONG = 100_000;

/** Copies JSON as far as a page can show it. Each cut tells how much it has left out. */
export function boundedJson(value: unknown, bounds: Bounds = BOUNDS): BoundedJson {
  let { values, characters } = bounds;
  let isCut = false;

  function cut(what: string): object {
    isCut = true;
    return { [CUT]: what };
  }
  function copy(value: unknown, depth: number): unknown {
    values -= 1;
    if (typeof value === "string") return copyText(value);
    if (typeof value !== "object" || value === null) return value;
    const count = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (depth === 0) return cut(`${count} more, nested too deeply to be shown`);
    return Array.isArray(value) ? copyItems(value, depth) : copyMembers(value, depth);
  }
  function copyText(text: string): unknown {
    const most = Math.min(LONG, Math.max(characters, 0));
    characters -= Math.min(text.length, most);
    return text.length <= most ? text : cut(`${text.slice(0, most)}… (${text.length} characters)`);
  }
  function copyItems(items: readonly unknown[], depth: number): unknown[] {
    const copies: unknown[] = [];
    for (const [index, item] of items.entries()) {
      if (values <= 0) return [...copies, cut(`${items.length - index} more`)];
      copies.push(copy(item, depth - 1));
    }
    return copies;
  }
  function copyMembers(object: object, depth: number): object {
    const copies: Array<readonly [string, unknown]> = [];
    const members = Object.entries(object);
    for (const [index, [name, member]] of members.entries()) {
      if (values <= 0) {
        copies.push(["…", cut(`${members.length - index} more`)]);
        break;
      }
      characters -= name.length;
      copies.push([name.length > LONG ? `${name.slice(0, LONG)}…` : name, copy(member, depth - 1)]);
    }
    return Object.fromEntries(copies);
  }
  const copied = copy(value, bounds.depth);
  return { value: copied, isCut };
}
