// An entry records what it was keyed by, so that its key can be recomputed from it alone.
import { expect, test } from "vitest";
import {
  type ChatRequest,
  chatSurface,
  createClient,
  decodeEntry,
  memoryStore,
  readEntry,
  recomputedKey,
} from "../../src/index.ts";
import { joinEntry } from "../../src/plugin.ts";
import { scriptedProvider } from "../doubles.ts";

test.each([
  ["of OpenAI's own endpoint", {}, {}, {}, undefined],
  ["of another server", { scope: "https://other.example/v1" }, {}, {}, { scope: "https://other.example/v1" }],
  ["of another sample", {}, {}, { sample: 3 }, { sample: 3 }],
  ["of both", { scope: "s" }, {}, { sample: 1 }, { scope: "s", sample: 1 }],
  [
    "with Python's floats",
    {},
    { floats: (pointer: string) => ["/temperature", "/top_p", "/absent"].includes(pointer) },
    {},
    { floats: ["/temperature", "/top_p"] },
  ],
  ["without floats", {}, { floats: () => false }, {}, { floats: [] }],
  ["with the floats of its surface", {}, { floats: (pointer: string) => pointer === "/temperature" }, {}, undefined],
])("an entry %s", async (_, provider, options, inferOptions, facts) => {
  const store = memoryStore();
  const client = createClient({
    provider: { ...scriptedProvider(), ...provider },
    store,
    params: { model: "m", temperature: 0 },
    ...options,
  });
  const params = { top_p: 1, seed: 7, user: "somebody" };
  const { key } = await client.infer("Hi", params, inferOptions);
  const entry = await readEntry(store, key);
  expect(entry?.facts).toEqual(facts);
  expect(entry?.request).toEqual({
    model: "m",
    temperature: 0,
    ...params,
    messages: [{ role: "user", content: "Hi" }],
  });
  expect(recomputedKey(chatSurface, entry!.request!, entry?.facts ?? {})).toBe(key);
});

test("an entry holds the request as it was keyed, without what its provider sends anyway", async () => {
  const store = memoryStore();
  const provider = {
    ...scriptedProvider(),
    scope: "s",
    canonical: ({ thinking: _, ...request }: ChatRequest): ChatRequest => request as ChatRequest,
  };
  const client = createClient({ provider, store, params: { model: "m" } });
  const { key } = await client.infer("Hi", { thinking: false });
  const entry = await readEntry(store, key);
  expect(provider.calls[0]).toMatchObject({ thinking: false });
  expect(recomputedKey(chatSurface, entry!.request!, entry!.facts!)).toBe(key);
});

test("a store without sidecars keeps the same entry in one text", async () => {
  const { getSidecar, ...whole } = memoryStore();
  const { key } = await createClient({ provider: scriptedProvider(), store: whole, params: { model: "m" } }).infer(
    "Hi",
  );
  const apart = memoryStore();
  await createClient({ provider: scriptedProvider(), store: apart, params: { model: "m" } }).infer("Hi");
  const [value, sidecar] = [(await apart.get(key))!, (await apart.getSidecar!(key))!];
  const { createdAt: _, ...expected } = decodeEntry(joinEntry({ value, sidecar }))!;
  expect(decodeEntry((await whole.get(key))!)).toMatchObject(expected);
  expect(await readEntry(whole, key)).toMatchObject(expected);
});
