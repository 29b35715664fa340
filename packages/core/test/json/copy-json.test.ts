import { expect, test } from "vitest";
import { copyJson } from "../../src/json/copy-json.ts";
import { plainJson } from "../../src/json/plain-json.ts";

test("a copy equals its original, and shares nothing with it", () => {
  const text = '{"a":[1,{"b":null}],"c":{"d":"x","e":true},"__proto__":{"f":1},"":[]}';
  const original = JSON.parse(text);
  const copy = copyJson(original);
  expect(JSON.stringify(copy)).toBe(text);
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  copy.a[1].b = "changed";
  copy.c.d = "changed";
  expect(JSON.stringify(original)).toBe(text);
});

test.each(["text", 0, false, null])("%s is its own copy", (value) => {
  expect(copyJson(value)).toBe(value);
});

test("what a program added to the prototype of all objects is in no copy", () => {
  const polluted = Object.prototype as { added?: object };
  polluted.added = {};
  try {
    expect(Object.keys(copyJson(JSON.parse('{"a":{"b":1}}')))).toEqual(["a"]);
    expect(Object.keys(plainJson({ a: { b: 1 } }) as object)).toEqual(["a"]);
  } finally {
    delete polluted.added;
  }
});
