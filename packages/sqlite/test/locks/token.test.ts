import { expect, test } from "vitest";
import { makeToken, parseToken, type Token, thisThread } from "../../src/locks/token.ts";

const here: Token = { ...thisThread(), life: "00000000" };

test("a token identifies its process, is unique, and is a valid name on any file system", () => {
  const tokens = Array.from({ length: 100 }, makeToken);
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) {
    expect(token).toMatch(/^[0-9a-f-]+$/);
    expect(parseToken(token)).toEqual({ ...here, life: expect.any(String) });
  }
});

test("other names are not parsed as tokens", () => {
  const token = makeToken();
  for (const name of [
    "",
    ".DS_Store",
    `.${token}`,
    `${token}x`,
    `0${token}`,
    `-${token}`,
    token.toUpperCase(),
    "1-2-3-4",
  ]) {
    expect([name, parseToken(name)]).toEqual([name, undefined]);
  }
});
