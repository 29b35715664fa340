import { describe, expect, test } from "vitest";
import { canonicalJson, InvalidRequestError, type JsonValue } from "../../src/plugin.ts";
import { type GoldenRow, rowsOf } from "../golden/rows.ts";

const rows = rowsOf<GoldenRow>("python-keys.jsonl");

test("canonicalJson writes what Python's json.dumps writes, byte for byte", () => {
  for (const { request, floats, canonical, refused } of rows) {
    if (refused !== undefined) continue;
    expect(canonicalJson(request, { floats: (pointer) => floats.includes(pointer) })).toBe(canonical);
  }
});

test("an integral number is an int unless `floats` names it, and one with an exponent in its text is a float", () => {
  expect(canonicalJson([1, 1e16, 1e20, 1e21, -0, 0.5])).toBe(
    "[1, 10000000000000000, 100000000000000000000, 1e+21, 0, 0.5]",
  );
  expect(canonicalJson({ "a/b": [2] }, { floats: (pointer) => pointer === "/a~1b/0" })).toBe('{"a/b": [2.0]}');
});

test("names are sorted by code point, not by UTF-16 unit", () => {
  expect(canonicalJson({ "\u{1f600}": 1, "\uffff": 2 })).toBe('{"\\uffff": 2, "\\ud83d\\ude00": 1}');
});

test("what is beyond ASCII is escaped unit by unit, whether there is little or much of it, in texts of any length", () => {
  const units = ["", "\n", '"', "\\", "\0", "\x7f", "\u0080", "\u00e9", "\u2028", "\u4e2d", "\ud83d\ude00", "\ud83d"];
  for (const length of [0, 30, 1_000, 2_047, 4_095, 8_190, 32_766, 32_767, 131_068, 200_000, 1_100_000]) {
    const ascii = "a".repeat(length);
    for (const unit of units) {
      const value = [
        ascii + unit,
        unit + ascii,
        `${ascii}${unit}${ascii.slice(0, 40_000)}`,
        unit.repeat(length % 40_000),
      ];
      const escaped = value.map((text) =>
        JSON.stringify(text).replace(
          /[\x7f-\uffff]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        ),
      );
      expect(canonicalJson(value)).toBe(`[${escaped.join(", ")}]`);
    }
  }
});

test("a text can be started while another is being written", () => {
  const floats = (pointer: string): boolean => canonicalJson([pointer, "inner ".repeat(1_000)]).includes("/1");
  expect(canonicalJson(["outer ".repeat(1_000), 2, 3], { floats })).toBe(`["${"outer ".repeat(1_000)}", 2.0, 3]`);
});

test("undefined members are left out", () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b": 1}');
});

describe("what JSON cannot represent is refused with its path", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = { again: cycle };
  let deep: unknown = [];
  for (let level = 0; level < 3_000; level++) deep = [deep];
  const throwing = {
    get member(): never {
      throw new Error("not today");
    },
  };
  const hostile = new Proxy({}, { ownKeys: () => ["a", 1 as never] });
  const cases: Array<[name: string, value: unknown, path: string]> = [
    ["NaN", { a: [1, Number.NaN] }, "/a/1"],
    ["Infinity", Number.POSITIVE_INFINITY, ""],
    ["a BigInt", { seed: 1n }, "/seed"],
    ["a Date", { at: new Date(0) }, "/at"],
    ["a Map", { "m/n": new Map() }, "/m~1n"],
    ["a Set", [new Set()], "/0"],
    ["a typed array", [new Uint8Array(2)], "/0"],
    ["an instance of a class", { tool: new (class Tool {})() }, "/tool"],
    ["a function", { toJSON: () => 1 }, "/toJSON"],
    ["a symbol", [Symbol("s")], "/0"],
    ["undefined in a list", [1, undefined], "/1"],
    ["a hole in a list", new Array(1), "/0"],
    ["a cycle", cycle, "/self/again"],
    ["a depth of 3,000", deep, "/0".repeat(512)],
    ["a getter that throws", { a: throwing }, "/a/member"],
    ["a proxy that lies", { a: hostile }, "/a"],
    ["a revoked proxy", { a: revoked() }, "/a"],
  ];
  test.each(cases)("%s", (_, value, path) => {
    const refuse = () => canonicalJson(value as JsonValue);
    expect(refuse).toThrow(InvalidRequestError);
    expect(refuse).toThrow(expect.objectContaining({ code: "INVALID_REQUEST", path }));
  });

  function revoked(): object {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
});

test("plain objects of another realm, without a prototype, or frozen are plain", async () => {
  const { runInNewContext } = await import("node:vm");
  expect(canonicalJson(runInNewContext("({ a: [1] })"))).toBe('{"a": [1]}');
  expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a": 1}');
  expect(canonicalJson(Object.freeze({ a: 1 }))).toBe('{"a": 1}');
});
