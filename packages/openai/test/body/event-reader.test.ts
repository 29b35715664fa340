import { expect, test } from "vitest";
import { createEventReader } from "../../src/body/event-reader.ts";

/** The events of a text that comes in pieces of this length, and the one that it ends within. */
function eventsIn(text: string, length = text.length) {
  const reader = createEventReader();
  const pieces = Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
    text.slice(at * length, (at + 1) * length),
  );
  return { events: pieces.flatMap((piece) => reader.feed(piece)), cut: reader.end() };
}
const dataOf = (text: string, length?: number) => eventsIn(text, length).events.map(({ data }) => data);

test.each(["\n", "\r\n", "\r"])("lines end with %j, also where a piece does", (end) => {
  const text = ["data: a", "", "data: b", "", ""].join(end);
  for (const length of [1, 2, 3, text.length]) expect(dataOf(text, length)).toEqual(["a", "b"]);
});

test("data may span lines, and one leading space is not part of it", () => {
  expect(dataOf("data: a\ndata:b\ndata:  c\ndata\n\n")).toEqual(["a\nb\n c\n"]);
});

test("comments, other fields and events without data are ignored", () => {
  const text =
    ": hi\nid: 1\nretry: 5\nretry: soon\ndatas: x\n\nevent: ping\n\ndata:\n\nevent: error\ndata: a\n\ndata: b\n\n";
  for (const length of [1, text.length]) {
    expect(eventsIn(text, length)).toEqual({
      events: [
        { event: "error", data: "a" },
        { event: "", data: "b" },
      ],
      cut: undefined,
    });
  }
});

test("a Unicode line separator does not end a line", () => {
  expect(dataOf("data: a\u2028b\u0085c\n\n")).toEqual(["a\u2028b\u0085c"]);
});

test("the event that a text ends within is told apart", () => {
  const first = { event: "", data: "a" };
  expect(eventsIn("data: a\n\ndata: b")).toEqual({ events: [first], cut: { event: "", data: "b" } });
  expect(eventsIn("data: a\n\ndata: b\n")).toEqual({ events: [first], cut: { event: "", data: "b" } });
  expect(eventsIn("event: error\ndata: b").cut).toEqual({ event: "error", data: "b" });
  expect(eventsIn("data: a\n\n").cut).toBeUndefined();
  expect(eventsIn("")).toEqual({ events: [], cut: undefined });
});
