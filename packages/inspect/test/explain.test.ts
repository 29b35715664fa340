import { copyFileSync } from "node:fs";
import {
  type CacheStore,
  type CallParams,
  createClient,
  type KeyedRequest,
  type MessageInput,
  memoryStore,
  putEntry,
} from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import { temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test } from "vitest";
import { explain } from "../src/index.ts";

const WORDS = "river lake mountain city street house garden tree leaf stone water light wind cloud rain".split(" ");

/** A text of its own for each seed, of so many words. */
function prose(seed: number, words: number): string {
  let state = seed + 1;
  return Array.from({ length: words }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return `${WORDS[(state >>> 16) % WORDS.length]}${(state >>> 8) % 97}`;
  }).join(" ");
}

const tool = (name: string, description: string) => ({
  type: "function" as const,
  function: { name, description, parameters: { type: "object", properties: {} } },
});
const tools = [tool("search", "Searches the web."), tool("weather", "Tells the weather.")];
const system: MessageInput = { role: "system", content: prose(-1, 60) };

function messagesFor(seed: number, words: number): MessageInput[] {
  return [
    system,
    { role: "user", content: prose(seed, words) },
    { role: "assistant", content: prose(seed + 100_000, 20) },
    { role: "user", content: `And question ${seed}?` },
  ];
}

/** A store with answers to the conversations of these seeds. */
async function filled(count: number, words: number, store: CacheStore = memoryStore({ maxBytes: 2 ** 31 })) {
  const client = createClient({
    store,
    params: { model: "m", temperature: 0, tools },
    provider: {
      specVersion: 1,
      id: "p",
      scope: "https://one.example/v1",
      async generate() {
        const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Yes" } }];
        return { id: "1", model: "m", created: 1, choices };
      },
    },
  });
  const requests = Array.from({ length: count }, (_, seed) => ({ messages: messagesFor(seed, words) }));
  for await (const { error } of client.inferEach(requests)) if (error) throw error;
  const keyOf = (seed: number, params: CallParams = {}): KeyedRequest => client.keyOf(messagesFor(seed, words), params);
  return { store, keyOf };
}

async function nearestTo(store: CacheStore, asked: KeyedRequest) {
  const explanation = await explain(store, asked);
  expect(explanation.isStored).toBe(false);
  return explanation.nearest[0]!;
}

describe("among 2,000 conversations with much in common, explain finds the one that was meant, and what differs:", () => {
  let place: Awaited<ReturnType<typeof filled>> | undefined;
  const get = async () => (place ??= await filled(2_000, 100));

  test("a stored request is stored", async () => {
    const { store, keyOf } = await get();
    expect(await explain(store, keyOf(777))).toEqual({
      key: keyOf(777).key,
      isStored: true,
      nearest: [],
      compared: 0,
      skipped: 0,
    });
  });

  test.each<[string, (asked: KeyedRequest) => KeyedRequest, object[]]>([
    [
      "a changed word of a message",
      (asked) => {
        const messages = structuredClone(asked.request.messages) as Array<{ content: string }>;
        messages[3]!.content = "And question 777 now?";
        return { ...asked, request: { ...asked.request, messages } as never };
      },
      [{ path: "messages[3].content", words: [{ stored: "", asked: " now", before: "And question 777" }] }],
    ],
    [
      "a message more",
      (asked) => {
        const messages = [...(asked.request.messages as object[])];
        messages.splice(1, 0, { role: "user", content: "Hello." });
        return { ...asked, request: { ...asked.request, messages } as never };
      },
      [{ path: "messages[1]", asked: { role: "user", content: "Hello." } }],
    ],
    [
      "a message less",
      (asked) => ({
        ...asked,
        request: { ...asked.request, messages: (asked.request.messages as object[]).slice(1) } as never,
      }),
      [{ path: "messages[0]", stored: system }],
    ],
    [
      "the description of a tool",
      (asked) => ({
        ...asked,
        request: { ...asked.request, tools: [tools[0], tool("weather", "Tells the weather now.")] } as never,
      }),
      [{ path: "tools[1].function.description", words: [{ stored: "", asked: " now" }] }],
    ],
    [
      "a changed parameter",
      (asked) => ({ ...asked, request: { ...asked.request, temperature: 0.7 } }),
      [{ path: "temperature", stored: 0, asked: 0.7 }],
    ],
    [
      "a parameter more, and none that is not keyed",
      (asked) => ({ ...asked, request: { ...asked.request, user: "me", response_format: { type: "json_object" } } }),
      [{ path: "response_format", asked: { type: "json_object" } }],
    ],
    [
      "another scope",
      (asked) => ({ ...asked, facts: { scope: "https://two.example/v1" } }),
      [{ path: "scope", words: [{ stored: "one", asked: "two" }] }],
    ],
    [
      "a space",
      (asked) => ({ ...asked, request: JSON.parse(JSON.stringify(asked.request).replace(" ", "  ")) }),
      [{ path: "tools[0].function.description", words: [{ stored: "", asked: " " }] }],
    ],
    ["another sample", (asked) => ({ ...asked, facts: { ...asked.facts, sample: 3 } }), [{ path: "sample", asked: 3 }]],
  ])("%s", async (_, change, differences) => {
    const { store, keyOf } = await get();
    const nearest = await nearestTo(store, { ...change(keyOf(777)), key: "another" });
    expect(nearest.key).toBe(keyOf(777).key);
    expect(nearest.differences).toMatchObject(differences);
    expect(nearest.differences).toHaveLength(differences.length);
    expect(nearest.likeness).toBeLessThan(1);
  });
});

test("several of the nearest are told, best first", async () => {
  const { store, keyOf } = await filled(50, 20);
  const asked = { ...keyOf(7, { top_p: 0.5 }), key: "another" };
  const { nearest, compared } = await explain(store, asked, { limit: 2 });
  expect(compared).toBe(50);
  expect(nearest).toHaveLength(2);
  expect(nearest[0]!.key).toBe(keyOf(7).key);
  expect(nearest[0]!.likeness).toBeGreaterThan(nearest[1]!.likeness);
});

test("entries without their request and damaged ones are skipped, and counted", async () => {
  const { store, keyOf } = await filled(3, 20);
  await store.set("a".repeat(64), "remem/1 nonsense");
  await putEntry(store, "b".repeat(64), "no entry");
  const { compared, skipped } = await explain(store, { ...keyOf(1), key: "another" });
  expect({ compared, skipped }).toEqual({ compared: 3, skipped: 2 });
});

test("rows of the Python class are compared by their messages", async () => {
  const path = temporaryFile();
  copyFileSync(new URL("../../sqlite/test/golden/gpt-4o-mini_cache.sqlite", import.meta.url), path);
  const store = sqliteStore({ path, readOnly: true });
  onTestFinished(() => store.close());
  const request = { model: "m", messages: [{ role: "user", content: "Long, or not?" }] };
  const { nearest, compared, skipped } = await explain(store, { key: "k", request, facts: {} }, { limit: 1 });
  expect({ compared, skipped }).toEqual({ compared: 30, skipped: 0 });
  expect(nearest).toMatchObject([{ writer: "python", differences: [{ path: "messages[0].content" }, {}] }]);
});

test("texts that have nothing in common are told as a whole", async () => {
  const { store, keyOf } = await filled(1, 2_000);
  const asked = keyOf(0);
  const messages = structuredClone(asked.request.messages) as Array<{ content: string }>;
  messages[1]!.content = "z".repeat(10).concat(prose(4_242, 3_000));
  const [nearest] = (await explain(store, { ...asked, key: "k", request: { ...asked.request, messages } as never }))
    .nearest;
  expect(nearest!.differences).toMatchObject([{ path: "messages[1].content", stored: expect.any(String) }]);
  expect(nearest!.differences[0]!.words).toBeUndefined();
});

test("a parameter that is named as every object's method is one that differs", async () => {
  const { store, keyOf } = await filled(1, 5);
  const asked = keyOf(0, { extra_body: { constructor: "a" } });
  const [nearest] = (await explain(store, asked)).nearest;
  expect(nearest?.differences).toEqual([{ path: "constructor", stored: undefined, asked: "a" }]);
});

test("an empty store has no nearest entry", async () => {
  const { keyOf } = await filled(1, 5);
  const explanation = await explain(memoryStore(), keyOf(0));
  expect(explanation).toMatchObject({ isStored: false, nearest: [], compared: 0 });
});

test("among long prompts, of which the store gives samples, it finds the same as among whole ones", async () => {
  const store = sqliteStore({ path: temporaryFile() });
  onTestFinished(() => store.close());
  const { keyOf } = await filled(60, 12_000, store);
  const { heads: _, ...whole } = store;
  let read = 0;
  const sampled: CacheStore = {
    ...store,
    getSidecar(key) {
      read += 1;
      return store.getSidecar!(key);
    },
  };
  for (const seed of [0, 31, 59]) {
    const asked = keyOf(seed, { top_p: 0.5 });
    const messages = structuredClone(asked.request.messages) as Array<{ content: string }>;
    messages[1]!.content = messages[1]!.content.replace(" ", " changed ");
    const changed = { ...asked, request: { ...asked.request, messages } as never };
    const explanation = await explain(sampled, changed, { limit: 1 });
    expect(explanation).toEqual(await explain(whole, changed, { limit: 1 }));
    expect(explanation.nearest[0]!.key).toBe(keyOf(seed).key);
    expect(explanation.compared).toBe(60);
  }
  expect(read).toBeLessThan(3 * 30);
});
