import { expect, test } from "vitest";
import { createRoster } from "../../src/collections/linked-list.ts";

function rosterOf(...items: string[]) {
  const roster = createRoster<string>();
  const places = items.map(roster.add);
  return { roster, places };
}

test("what is there is given in the order in which it came", () => {
  const { roster, places } = rosterOf("a", "b", "c", "d");
  roster.remove(places[1]!);
  roster.renew(places[0]!);
  expect([...roster]).toEqual(["c", "d", "a"]);
});

test("it is empty before the first has come, and after the last has left", () => {
  const { roster, places } = rosterOf("a", "b");
  expect(createRoster().isEmpty()).toBe(true);
  for (const place of places) {
    expect(roster.isEmpty()).toBe(false);
    roster.remove(place);
  }
  expect(roster.isEmpty()).toBe(true);
});

test("removing twice does no harm to the others", () => {
  const { roster, places } = rosterOf("a", "b", "c");
  roster.remove(places[1]!);
  roster.add("d");
  roster.remove(places[1]!);
  expect([...roster]).toEqual(["a", "c", "d"]);
});

test("whoever is given an item may remove it", () => {
  const { roster, places } = rosterOf("a", "b", "c");
  const given: string[] = [];
  for (const item of roster) {
    given.push(item);
    roster.remove(places[given.length - 1]!);
  }
  expect(given).toEqual(["a", "b", "c"]);
  expect(roster.isEmpty()).toBe(true);
});
