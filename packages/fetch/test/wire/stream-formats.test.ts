import { describe, expect, test } from "vitest";
import type { StreamFormat } from "../../src/index.ts";
import { eventStream } from "../../src/wire/event-stream.ts";
import { jsonArray } from "../../src/wire/json-array.ts";
import { jsonLines } from "../../src/wire/lines.ts";
import { readBody } from "../surfaces/streams.ts";

const CHUNKS = [
  { type: "a", text: 'Kraków "]}{[\\ \n 🌊' },
  { type: "b", deep: [{ list: [[1, "]"], {}] }] },
  { type: "c" },
];

const FORMATS: ReadonlyArray<readonly [name: string, format: StreamFormat]> = [
  ["server-sent events", eventStream({})],
  ["named events", eventStream({ isNamed: true })],
  ["events with CRLF and [DONE]", eventStream({ newline: "\r\n", hasDone: true })],
  ["lines", jsonLines],
  ["an array", jsonArray],
];

describe.each(FORMATS)("%s:", (_, format) => {
  const { start = "", between = "", end = "", write } = format;
  const body = start + CHUNKS.map(write).join(between) + end;

  test.each([1, 2, 7, Number.POSITIVE_INFINITY])("what is written is read, in pieces of %d bytes", (size) => {
    expect(readBody(format, body, size)).toEqual(CHUNKS);
  });

  test("what is no JSON is a SyntaxError", () => {
    expect(() => readBody(format, `${start}${write({}).replace("{}", "{x}")}${end}`)).toThrow(SyntaxError);
  });
});

test("events are read as servers write them, and what is no chunk is skipped", () => {
  const body =
    '\uFEFF: hello\r\n\r\ndata:{"a":1}\r\n\r\nid: 7\nretry: 3\ndata\n\ndata: {"b":\ndata: 2}\n\ndata: [DONE]\n\ndata: 3\n\n';
  expect(readBody(eventStream({}), body, 1)).toEqual([{ a: 1 }, { b: 2 }]);
});

test("an event that is not finished has not arrived", () => {
  expect(readBody(eventStream({}), 'data: {"a":1}\n\ndata: {"b":2}\n')).toEqual([{ a: 1 }]);
});

test("a chunk without a type has that of its event line", () => {
  const body = 'event: error\ndata: {"message":"overloaded"}\n\nevent: x\ndata: {"type":"y"}\n\n';
  expect(readBody(eventStream({ isNamed: true }), body)).toEqual([
    { type: "error", message: "overloaded" },
    { type: "y" },
  ]);
});

test("the last line needs no line break, and is dropped where it is cut off", () => {
  expect(readBody(jsonLines, '{"a":1}\r\n\n{"b":2}')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(readBody(jsonLines, '{"a":1}\n{"b":')).toEqual([{ a: 1 }]);
});

test.each(["", "[", '[{"a":1}', '[{"a":1},\r\n', '[{"a":1},{"b":'])("the array %j is cut off", (body) => {
  expect(() => readBody(jsonArray, body)).toThrow("ends within its JSON array");
});

test("an array may be empty", () => {
  expect(readBody(jsonArray, " [ ] ")).toEqual([]);
});
