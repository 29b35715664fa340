import { expect, test } from "vitest";
import { serverSentEvents } from "../src/server-sent-events.ts";

const eventsOf = (text: string) => Array.from(serverSentEvents(text));
const dataOf = (text: string) => eventsOf(text).map(({ data }) => data);

test.each(["\n", "\r\n", "\r"])("lines end with %j", (end) => {
  expect(dataOf(["data: a", "", "data: b", "", ""].join(end))).toEqual(["a", "b"]);
});

test("data may span lines; one space before it is not part of it", () => {
  expect(dataOf("data: a\ndata:b\ndata:  c\ndata\n\n")).toEqual(["a\nb\n c\n"]);
});

test("comments and other fields are passed over, and so is an event without data", () => {
  expect(eventsOf(": hi\nid: 1\nretry: 5\ndatas: x\n\nevent: ping\n\nevent: error\ndata: a\n\ndata: b\n\n")).toEqual([
    { event: "error", data: "a" },
    { event: "", data: "b" },
  ]);
});

test("a line separator of Unicode ends no line", () => {
  expect(dataOf("data: a\u2028b\u0085c\n\n")).toEqual(["a\u2028b\u0085c"]);
});

test("what the end cuts off is no event", () => {
  expect(dataOf("data: a\n\ndata: b")).toEqual(["a"]);
  expect(dataOf("")).toEqual([]);
});
