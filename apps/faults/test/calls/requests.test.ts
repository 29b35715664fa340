import { existsSync } from "node:fs";
import type { CallParams, ChatMessage } from "@remem/core";
import { temporaryFile } from "@remem/test-support/temporary";
import { fakeProvider } from "@remem/testing";
import { InvalidRequestError, RememError } from "remem";
import { describe, expect, test } from "vitest";
import { ask, echo, open, rightAnswer, startServer } from "../client.ts";
import { luck } from "../seed.ts";
import { anyRequest } from "./fuzz.ts";

function nested(depth: number): unknown {
  let value: unknown = "deep";
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const cycle: Record<string, unknown> = {};
cycle.itself = cycle;
const fail = (): never => {
  throw new Error("no");
};

describe("an invalid member is an InvalidRequestError with its path, before anything is read or sent:", () => {
  const unsendable: Readonly<Record<string, readonly [value: unknown, path: string]>> = {
    NaN: [Number.NaN, "/logit_bias"],
    Infinity: [{ 50256: Number.POSITIVE_INFINITY }, "/logit_bias/50256"],
    BigInt: [{ a: [1n] }, "/logit_bias/a/0"],
    Date: [new Date(), "/logit_bias"],
    Map: [new Map(), "/logit_bias"],
    "a function": [{ a: fail }, "/logit_bias/a"],
    "a symbol": [Symbol("s"), "/logit_bias"],
    "a Buffer": [Buffer.from("b"), "/logit_bias"],
    "an instance of a class": [new (class Bias {})(), "/logit_bias"],
    "a hole in a list": [[0, undefined], "/logit_bias/1"],
    "a cycle": [cycle, "/logit_bias/itself"],
    "a getter that throws": [
      {
        get "a/b~"() {
          return fail();
        },
      },
      "/logit_bias/a~1b~0",
    ],
    "a proxy that throws": [new Proxy({}, { ownKeys: fail }), "/logit_bias"],
    "a revoked proxy": [revoked(), "/logit_bias"],
    "depth 3,000": [nested(3_000), `/logit_bias${"/0".repeat(511)}`],
  };
  test.each(Object.entries(unsendable))("%s", async (_, [value, path]) => {
    const server = await startServer();
    const file = temporaryFile();
    const { client, events } = open({ baseURL: server.baseURL, apiKey: "sk-test", store: `sqlite:${file}` });
    const call = client.infer([{ role: "user", content: "Hi" }], { logit_bias: value } as CallParams);
    const error = await call.catch((error: unknown) => error);
    if (!InvalidRequestError.is(error)) throw error;
    expect(error).toMatchObject({ code: "INVALID_REQUEST", path });
    expect({ calls: server.calls, events, file: existsSync(file) }).toEqual({ calls: 0, events: [], file: false });
    expect(await ask(client, "Hi")).toMatchObject({ source: "provider" });
  });
});

test("a getter or a proxy whose value changes is read once, so the keyed request is the one that is sent", async () => {
  const provider = echo();
  const { client } = open({ provider, store: "memory:" });
  let reads = 0;
  const message = new Proxy({ role: "user", content: "" } as const, {
    get: (target, name) => (name === "content" ? `read ${++reads}` : Reflect.get(target, name)),
  });
  const { response } = await client.infer([message]);
  expect([response, reads]).toEqual([rightAnswer("read 1"), 1]);
  expect(await ask(client, "read 1")).toMatchObject({ source: "store", response });
});

describe("similar requests have separate entries:", () => {
  const parsed = (json: string): unknown => JSON.parse(json);
  const alike: Readonly<Record<string, readonly unknown[]>> = {
    "lone surrogates": ["\ud800", "\ud801", "\udc00", "\ufffd", "\\ud800"],
    "NFC and NFD": ["caf\u00e9", "cafe\u0301"],
    "__proto__ members": [
      parsed('{"__proto__": {"a": 1}}'),
      parsed('{"__proto__": {"a": 2}}'),
      parsed('{"__proto__": null}'),
      {},
      { a: 1 },
    ],
    "names of members": [{ constructor: 1 }, { toString: 1 }, { hasOwnProperty: 1 }, { constructor: "1" }],
    "kinds of nothing": ["", " ", "\0", "null", null, [], {}, 0, false],
    "numbers and their text": [1, "1", 1.5, "1.5", -0.5, [1]],
  };
  test.each(Object.entries(alike))("%s", async (_, contents) => {
    const provider = fakeProvider(() => `answer ${provider.calls.length}`);
    const { client } = open({ provider, store: `sqlite:${temporaryFile()}` });
    const asked = contents.map((content) => [{ role: "user", content }] as readonly ChatMessage[]);
    const first = await Promise.all(asked.map((messages) => client.infer(messages)));
    expect(new Set(first.map(({ response }) => response)).size).toBe(contents.length);
    const second = await Promise.all(asked.map((messages) => client.infer(messages)));
    for (const [index, { source, response }] of second.entries()) {
      expect([source, response]).toEqual(["store", first[index]!.response]);
    }
    // The sent requests equal those that were asked, `__proto__` members included.
    expect(provider.calls.map(({ messages }) => messages)).toEqual(asked);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

test("a prompt of 50 MB is REQUEST_TOO_LARGE, and is answered if the limit allows it", async () => {
  const prompt = "0123456789".repeat(5_000_000);
  const provider = fakeProvider("Long.");
  const store = `sqlite:${temporaryFile()}`;
  const careful = open({ provider, store });
  await expect(ask(careful.client, prompt)).rejects.toMatchObject({
    code: "REQUEST_TOO_LARGE",
    message: expect.stringContaining("maxRequestBytes"),
  });
  expect(provider.calls).toHaveLength(0);

  const limit = 64 * 1024 * 1024;
  const { client } = open({ provider, store, maxRequestBytes: limit, maxEntryBytes: limit });
  expect((await ask(client, prompt)).source).toBe("provider");
  expect((await ask(client, prompt)).source).toBe("store");
});

test("10,000 fuzzed requests: no crash, typed errors only, and repeats are hits", { timeout: 240_000 }, async ({
  annotate,
}) => {
  const dice = luck();
  await annotate(`REMEM_SEED=${dice.seed}`);
  const provider = fakeProvider(({ messages }) => JSON.stringify(messages));
  const { client } = open({ provider, store: `sqlite:${temporaryFile()}` });
  let refused = 0;
  for (let number = 0; number < 10_000; number++) {
    const { messages, params } = anyRequest(dice);
    const where = `REMEM_SEED=${dice.seed}, request ${number}`;
    const calls = provider.calls.length;
    const first = await client.infer(messages, params).catch((error: unknown) => error);
    if (first instanceof Error) {
      // An object in place of the messages is a whole request, and what follows it are options.
      const expected = isObject(messages) ? /^INVALID_(REQUEST|OPTION)$/ : /^INVALID_REQUEST$/;
      expect(RememError.is(first) ? first.code : first, where).toMatch(expected);
      expect(provider.calls.length, where).toBe(calls);
      refused += 1;
      continue;
    }
    const again = await client.infer(messages, params);
    expect(again, where).toEqual({ ...(first as object), cacheHit: true, source: "store" });
    expect(again.response, where).toBe(JSON.stringify(again.metadata.prompt));
  }
  // Both kinds are frequent enough for the test to show something.
  expect(refused).toBeGreaterThan(1_000);
  expect(refused).toBeLessThan(9_000);
});

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
