import { expect, test } from "vitest";
import { createLinkedList } from "../../src/collections/linked-list.ts";

function listOf(...items: string[]) {
  const list = createLinkedList<string>();
  const nodes = Object.fromEntries(items.map((item) => [item, list.append(item)]));
  return { list, nodes };
}

test("items are in the order in which they were appended, or moved to the end", () => {
  const { list, nodes } = listOf("a", "b", "c", "d");
  list.remove(nodes.b!);
  list.moveToEnd(nodes.a!);
  expect([...list]).toEqual(["c", "d", "a"]);
  expect(list.first).toBe(nodes.c);
});

test("it is empty before the first append and after the last removal", () => {
  const { list, nodes } = listOf("a", "b");
  expect(createLinkedList().isEmpty()).toBe(true);
  for (const node of Object.values(nodes)) {
    expect(list.isEmpty()).toBe(false);
    list.remove(node);
  }
  expect(list.isEmpty()).toBe(true);
  expect(list.first).toBeUndefined();
});

test("removing a node twice does not affect the others", () => {
  const { list, nodes } = listOf("a", "b", "c");
  list.remove(nodes.b!);
  list.append("d");
  list.remove(nodes.b!);
  expect([...list]).toEqual(["a", "c", "d"]);
});

test.each([
  ["the current item", ["a"], "abc"],
  ["the next item", ["b"], "ac"],
  ["all that follow", ["b", "c"], "a"],
  ["the current item and the next", ["a", "b"], "ac"],
  ["every item", ["a", "b", "c"], "a"],
])("a loop ends, and skips what is gone, when its body removes %s", (_, removed, visited) => {
  const { list, nodes } = listOf("a", "b", "c");
  const seen: string[] = [];
  for (const item of list) {
    if (item === "a") for (const name of removed) list.remove(nodes[name]!);
    seen.push(item);
  }
  expect(seen.join("")).toBe(visited);
});

test("a loop ends when its body appends items, or moves them to the end", () => {
  const { list, nodes } = listOf("a", "b", "c");
  const seen: string[] = [];
  for (const item of list) {
    seen.push(item);
    list.append(`${item}'`);
    list.moveToEnd(nodes[item]!);
  }
  expect(seen).toEqual(["a", "b", "c"]);
});
