import { expect, test } from "vitest";
import { serverSentEvents } from "../src/body/server-sent-events.ts";

const eventsOf = (text: string) => Array.from(serverSentEvents(text));
const dataOf = (text: string) => eventsOf(text).map(({ data }) => data);

test.each(["\n", "\r\n", "\r"])("lines end with %j", (end) => {
  expect(dataOf(["data: a", "", "data: b", "", ""].join(end))).toEqual(["a", "b"]);
});

test("data may span lines, and one leading space is not part of it", () => {
  expect(dataOf("data: a\ndata:b\ndata:  c\ndata\n\n")).toEqual(["a\nb\n c\n"]);
});

test("comments, other fields and events without data are ignored", () => {
  expect(eventsOf(": hi\nid: 1\nretry: 5\ndatas: x\n\nevent: ping\n\nevent: error\ndata: a\n\ndata: b\n\n")).toEqual([
    { event: "error", data: "a" },
    { event: "", data: "b" },
  ]);
});

test("a Unicode line separator does not end a line", () => {
  expect(dataOf("data: a\u2028b\u0085c\n\n")).toEqual(["a\u2028b\u0085c"]);
});

test("an unterminated event is returned, not yielded", () => {
  expect(dataOf("data: a\n\ndata: b")).toEqual(["a"]);
  expect(serverSentEvents("event: error\ndata: b").next()).toEqual({
    done: true,
    value: { event: "error", data: "b" },
  });
  expect(dataOf("")).toEqual([]);
  expect(serverSentEvents("").next()).toEqual({ done: true, value: undefined });
});
