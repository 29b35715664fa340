import { type CacheStore, memoryStore } from "@remem/core";
import { expect, test } from "vitest";
import { cachedFetch, fetchKeys } from "../src/index.ts";
import { builtInSurfaces } from "../src/surfaces/surfaces.ts";
import { goldenRequests } from "./golden/rows.ts";

test("the keys of each recorded request are those that cachedFetch looks for", async () => {
  let sought: string[] = [];
  const memory = memoryStore();
  const store: CacheStore = {
    specVersion: 1,
    name: "spy",
    async get(key) {
      sought.push(key);
      return undefined;
    },
    set: memory.set,
    delete: memory.delete,
    clear: memory.clear,
    close: memory.close,
  };
  await using fetch = cachedFetch({ store, cache: "only-if-cached", fetch: async () => new Response() });
  const kinds = new Set<string>();
  for (const { path, headers, body } of goldenRequests) {
    const url = new URL(path, "https://api.example.com");
    const init = { method: "POST", headers: { ...headers, "x-remem-sample": "2" }, body: JSON.stringify(body) };
    sought = [];
    await fetch(url, init);
    const keys = await fetchKeys(url, init);
    if ("passes" in keys) expect(sought).toEqual([]);
    else {
      expect(new Set(keys.map(({ key }) => key))).toEqual(new Set(sought));
      for (const { facts } of keys) {
        expect(facts).toMatchObject({ scope: expect.stringContaining("https://api.example.com"), sample: 2 });
        kinds.add(facts.surface ?? "chat");
      }
    }
  }
  expect(kinds).toEqual(new Set(builtInSurfaces.map(({ surface }) => surface.name)));
});

test("what is not cached says why", async () => {
  const url = "https://api.openai.com/v1/responses";
  const post = (body: object) => ({ method: "POST", body: JSON.stringify(body) });
  expect(await fetchKeys(url, post({ model: "m", input: "x", previous_response_id: "r" }))).toEqual({
    passes: "previous_response_id",
  });
  expect(await fetchKeys(url)).toEqual({ passes: expect.stringContaining("no POST") });
  expect(await fetchKeys(`${url}/r`, post({ model: "m" }))).toEqual({ passes: expect.stringContaining("no POST") });
  const remem = await fetchKeys(url, post({ model: "m", input: "x", remem: 1 }));
  expect(remem).toEqual({ passes: expect.stringContaining("/remem") });
  expect(await fetchKeys(url, post({ model: "m", input: "x", store: false }), { scope: "mine" })).toMatchObject([
    { facts: { surface: "responses", scope: "mine" } },
  ]);
});
