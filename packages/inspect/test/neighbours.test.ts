import { hash } from "node:crypto";
import {
  type CacheStore,
  chatSurface,
  encodeEntry,
  type JsonObject,
  type KeyFacts,
  putEntry,
  recomputedKey,
} from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { describe, expect, test } from "vitest";
import { explain, listEntries, neighbours, showEntry } from "../src/index.ts";
import { STORES } from "./stores.ts";

async function say(
  store: CacheStore,
  texts: readonly string[],
  params: JsonObject = {},
  facts: KeyFacts = {},
): Promise<string> {
  const messages = texts.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content }));
  const request = { model: "gpt-4o-mini", ...params, messages };
  return put(store, request, facts, { content: "Hello" });
}

async function put(store: CacheStore, request: JsonObject, facts: KeyFacts, message: object): Promise<string> {
  const key = recomputedKey(chatSurface, request, facts);
  const answer = {
    object: "chat.completion",
    choices: [{ finish_reason: "stop", message: { role: "assistant", ...message } }],
  };
  await putEntry(store, key, encodeEntry({ key, createdAt: Date.now(), answer, request, facts }));
  return key;
}

const keysIn = (list: readonly { readonly key: string }[] = []): string[] => list.map(({ key }) => key);

describe.for(STORES)("neighbours in $title", ({ open }) => {
  test("finds earlier and later steps of a conversation, the nearest first", async () => {
    const store = open();
    const one = await say(store, ["a"]);
    const three = await say(store, ["a", "b", "c"]);
    const five = await say(store, ["a", "b", "c", "d", "e"]);
    const seven = await say(store, ["a", "b", "c", "d", "e", "f", "g"]);
    await say(store, ["a", "x", "c", "d", "e"]);
    await say(store, ["z"]);
    const found = await neighbours(store, five);
    expect(keysIn(found?.earlier)).toEqual([three, one]);
    expect(keysIn(found?.later)).toEqual([seven]);
    expect([found?.samples, found?.models, found?.others]).toEqual([[], [], []]);
  });

  test("tells samples, models and other parameters apart", async () => {
    const store = open();
    const own = await say(store, ["a"], { temperature: 0 });
    const second = await say(store, ["a"], { temperature: 0 }, { sample: 1 });
    const model = await say(store, ["a"], { model: "other", temperature: 0 });
    const warm = await say(store, ["a"], { temperature: 1 }, { scope: "here" });
    const other = await say(store, ["a"], { stop: ["x"], seed: 5 });
    const found = await neighbours(store, own);
    expect(keysIn(found?.samples)).toEqual([second]);
    expect(found?.models).toMatchObject([{ key: model, model: "other", differing: ["model"] }]);
    expect(found?.others).toMatchObject([
      { key: warm, differing: ["temperature", "scope"], values: { temperature: 1, scope: "here" } },
      { key: other, differing: ["temperature", "stop", "seed"] },
    ]);
    expect(found?.others[1]?.values).toEqual({ temperature: null, seed: 5 });
  });

  test("says nothing of what is not there", async () => {
    expect(await neighbours(open(), "0".repeat(64))).toBeUndefined();
  });
});

test("Entries that are nested beyond the stack are listed, shown and passed over", async () => {
  const store = STORES[0]!.open();
  const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  expect(() => JSON.stringify(JSON.parse(deep))).toThrow(RangeError);
  const sound = await say(store, ["a"]);
  const [inAnswer, inRequest] = ["c".repeat(64), "d".repeat(64)];
  const asked = JSON.stringify({ model: "m", messages: [{ role: "user", content: "a" }] });
  await putEntry(store, inAnswer, textOf(inAnswer, deep, asked));
  await putEntry(
    store,
    inRequest,
    textOf(inRequest, "{}", `{"model":"m","messages":[${deep}],"seed":12345678901234567890}`),
  );

  const listed = await collect(listEntries(store));
  expect(Object.fromEntries(listed.map(({ key, kind }) => [key, kind]))).toEqual({
    [sound]: "entry",
    [inAnswer]: "entry",
    [inRequest]: "damaged",
  });
  expect(await collect(listEntries(store, { model: "m" }))).toMatchObject([{ key: inAnswer }]);
  expect(await showEntry(store, inAnswer)).toMatchObject({ kind: "entry", response: "(nested too deeply)" });
  expect(keysIn((await neighbours(store, sound))?.models)).toEqual([inAnswer]);
  const request = { model: "m", messages: [{ role: "user", content: "b" }] };
  expect(await explain(store, { key: "e".repeat(64), request, facts: {} })).toMatchObject({ compared: 2, skipped: 1 });
});

/** An entry as nobody of ours writes it, and with sound digests. */
function textOf(key: string, answer: string, request: string): string {
  const guarded = `1 - ${hash("sha256", request)} ${key}\n${answer}`;
  return `remem/1 ${hash("sha256", guarded)} ${guarded}\n${request}`;
}
