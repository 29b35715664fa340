import { describe, expect, test } from "vitest";
import { createRedact, redactedError, StoreError, withoutCredentials } from "../../src/plugin.ts";

const SECRET = "hunter2!x";

describe("withoutCredentials removes", () => {
  test.each([
    "redis://user:hunter2!x@cache.internal:6379",
    "redis://:hunter2!x@cache.internal:6379/0",
    "REDISS://default:hunter2!x@cache.internal",
    "redis://hunter2!x@cache.internal",
    "redis://user:hunter2!x%40home@cache.internal",
    "redis://user:hunter2!x@home@cache.internal",
    "redis://user:a/hunter2!x@cache.internal",
    "redis://user:a?hunter2!x@cache.internal",
    "redis://user:a#hunter2!x@cache.internal",
    "redis://user:x1234/hunter2!x@cache.internal:6379",
    "redis+sentinel://user:hunter2!x@cache.internal:26379,other.internal:26379/mymaster",
    "mongodb+srv://user:hunter2!x@cache.internal/db?retryWrites=true",
    "postgres://user:hunter2!x@[::1]:5432/cache.internal",
    "//user:hunter2!x@cache.internal",
    "user:hunter2!x@cache.internal:6379",
    "redis:user:hunter2!x@cache.internal",
    "postgres:/user:hunter2!x@cache.internal/db",
    "user:hunter2!x@tcp(cache.internal:3306)/db",
    "https://user:hunter2!x@cache.internal/v1/chat/completions",
    "https://cache.internal/v1?api_key=hunter2!x",
    "https://cache.internal/v1?a=1&api-key=hunter2!x&b=2",
    "https://cache.internal/v1?key=hunter2!x",
    "https://cache.internal/blob?sv=1&sig=hunter2!x",
    "https://cache.internal/v1?access_token=hunter2!x#top",
    "host=cache.internal user=me password=hunter2!x dbname=db",
    "Server=cache.internal;Pwd=hunter2!x;",
    "AccountName=cache.internal;AccountKey=hunter2!x;",
    '{"host":"cache.internal","password":"hunter2!x"}',
    "redis://cache.internal?password=hunter2!x",
    "cache.internal refused: Authorization: Bearer hunter2-x-hunter2",
  ])("the credentials, and leaves the host, of %s", (address) => {
    for (const text of [address, `no connection to ${address}: ECONNREFUSED`, `"${address}" (${address})`]) {
      const clean = withoutCredentials(text);
      expect(clean).not.toContain("hunter2");
      expect(clean).toContain("cache.internal");
      expect(withoutCredentials(clean)).toBe(clean);
    }
  });

  test.each([
    "connect ECONNREFUSED 127.0.0.1:6379",
    "no connection to redis://cache.internal:6379/0: ETIMEDOUT",
    "https://example.com:8080/@scope/package and https://example.com/@scope/package",
    "    at file:///home/me/node_modules/.pnpm/@redis+client@6.3.1/node_modules/@redis/client/dist/index.js:10:5",
    "    at Object.<anonymous> (/home/me/node_modules/.pnpm/openai@7.57.0/node_modules/openai/client.js:12:34)",
    "npm:@redis/client@5.12.1",
    "write to me@example.com",
    "`max_tokens=5` is too small; the next token: none",
    "claude-3-5-sonnet@20240620",
  ])("nothing of %s", (text) => {
    expect(withoutCredentials(text)).toBe(text);
  });

  test("the rest of a very long text, before searching it", () => {
    for (const piece of ["//a:", "a:", "//", "password=", "?key=", "x@", "//@", ":a"]) {
      expect(withoutCredentials(piece.repeat(1_000_000)).length).toBeLessThan(100_000);
    }
  });
});

describe("createRedact removes a known secret", () => {
  const secret = "a/b+c d=é\"\\'";
  test.each([
    ["as it is", secret],
    ["percent-encoded", encodeURIComponent(secret)],
    ["percent-encoded in small letters", encodeURIComponent(secret).toLowerCase()],
    ["percent-encoded twice", encodeURIComponent(encodeURIComponent(secret))],
    ["percent-encoded to the last character", Array.from(Buffer.from(secret), (b) => `%${b.toString(16)}`).join("")],
    ["as a form has it", new URLSearchParams({ x: secret }).toString().slice(2)],
    ["as a part of JSON", JSON.stringify(secret).slice(1, -1)],
    ["as Python writes JSON", JSON.stringify(secret).slice(1, -1).replace("é", "\\u00e9")],
    ["escaped to the last character", Array.from(secret, (c) => `\\u00${c.charCodeAt(0).toString(16)}`).join("")],
    ["as PHP writes JSON", JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/")],
    ["as the password of a URL", Object.assign(new URL("redis://h"), { password: secret }).password],
  ])("%s", (_, form) => {
    const text = `ERR unknown command 'AUTH', with args beginning with: 'default' '${form}'`;
    expect(createRedact([secret])(text)).toBe(
      "ERR unknown command 'AUTH', with args beginning with: 'default' '[redacted]'",
    );
  });

  test("but not one that is too short to be a secret", () => {
    expect(createRedact(["x", undefined, ""])("exit")).toBe("exit");
    expect(createRedact(["x"], 1)("exit")).toBe("e[redacted]it");
  });
});

describe("a foreign error becomes the cause of ours", () => {
  const cause = (thrown: unknown) => new StoreError("failed", { store: "s", cause: thrown }).cause;
  const leaks = (thrown: unknown) => JSON.stringify(factsOf(thrown)).includes("hunter2");

  test("as the same object, if it contains no secret", () => {
    const harmless = [
      new Error("connect ECONNREFUSED"),
      Object.assign(new TypeError("no"), { code: "E", errno: -1 }),
      new AggregateError([new Error("one"), new Error("two")], "both"),
      new DOMException("stopped", "AbortError"),
      new Error("outer", { cause: new Error("inner") }),
      42,
      null,
    ];
    for (const thrown of harmless) expect(cause(thrown)).toBe(thrown);
    expect(cause(undefined)).toBeUndefined();
    expect("cause" in new StoreError("failed", { store: "s" })).toBe(false);
  });

  const url = `redis://user:${SECRET}@cache.internal`;
  const cycle = new Error("a cycle");
  cycle.cause = Object.assign(new Error(url), { cause: cycle });
  test.each<[string, unknown]>([
    ["in a message", new Error(`cannot parse ${url}`)],
    ["in a member", Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: url })],
    ["in a cause", new Error("outer", { cause: new Error("middle", { cause: new Error(url) }) })],
    ["in one of several errors", new AggregateError([new Error("one"), new Error(url)], "both")],
    ["in the message of a DOMException", new DOMException(url, "DataError")],
    ["in options that are a member", Object.assign(new Error("no"), { options: { url, password: SECRET } })],
    ["in a function that is a member", Object.assign(new Error("no"), { connect: () => url })],
    ["in a list that is a member", Object.assign(new Error("no"), { args: ["default", SECRET] })],
    ["in a cycle of causes", cycle],
    ["in a text that was thrown", `cannot parse ${url}`],
    ["in an object that was thrown", { message: `cannot parse ${url}`, url }],
  ])("and what is secret %s is taken out", (_, thrown) => {
    expect(leaks(cause(thrown))).toBe(false);
  });

  test("with everything that is not secret: class name, code, stack and causes", () => {
    const inner = Object.assign(new RangeError(url), { errno: -111, code: "ECONNREFUSED" });
    const copy = cause(new Error(`outer ${url}`, { cause: inner })) as Error;
    expect(copy).toBeInstanceOf(Error);
    expect(copy.message).toBe("outer redis://[redacted]@cache.internal");
    expect(copy.stack).toMatch(/^Error: outer redis:\/\/\[redacted\]@cache\.internal\n {4}at /);
    expect(copy.cause).toMatchObject({ name: "RangeError", errno: -111, code: "ECONNREFUSED" });
  });

  test("even if reading a member throws", () => {
    const hostile = Object.defineProperty(new Error(url), "trap", {
      get() {
        throw new Error("no");
      },
    });
    expect(leaks(cause(hostile))).toBe(false);
  });

  test("and its own message has no credentials either", () => {
    expect(new StoreError(`at ${url}`, { store: "s" }).message).toBe("at redis://[redacted]@cache.internal");
  });

  test("redactedError also removes secrets that only its caller knows", () => {
    const thrown = new Error(`with args beginning with: '${SECRET}'`);
    expect(redactedError(thrown, createRedact([SECRET]))).toMatchObject({
      message: "with args beginning with: '[redacted]'",
    });
  });
});

/** Everything that can be read of an error. */
function factsOf(value: unknown, seen = new Set<unknown>()): unknown {
  if (typeof value === "function") return String(value);
  if (typeof value !== "object" || value === null || seen.has(value)) return value;
  seen.add(value);
  const names = [...Object.getOwnPropertyNames(value), "message", "stack", "cause"];
  return names.map((name) => [name, factsOf((value as Record<string, unknown>)[name], seen)]);
}
