import { completionsServer, fakeProvider, providerContract, storeContract } from "@remem/testing";
import { createClient, createRemem, memoryStore, openaiProvider, RememError, sqliteStore } from "remem";

test("answers with a signal, from a file", async () => {
  const server = await completionsServer();
  const client = createRemem({
    apiKey: "any",
    baseURL: server.baseURL,
    store: sqliteStore({ path: "cache/a.sqlite" }),
  });
  const { signal } = new AbortController();
  const first = await client.infer("Hi", {}, { signal, timeoutMs: 10_000 });
  const second = await client.infer("Hi", {}, { signal });
  expect([first.source, second.source]).toEqual(["provider", "store"]);
  await client.close();
  await server.close();
});

test("rejects with typed errors, and with the reason of a signal", async () => {
  const client = createClient({ provider: fakeProvider("Yes."), store: memoryStore(), params: { model: "fake" } });
  const error = await client.infer("Hi", {}, { cache: "only-if-cached" }).catch((error) => error);
  expect(RememError.is(error)).toBe(true);
  const reason = new Error("enough");
  await expect(client.infer("Hi", {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await client.close();
});

const cases = [
  ...storeContract({ create: () => memoryStore() }),
  ...providerContract({ create: (options) => openaiProvider({ apiKey: "any-key-will-do", ...options }) }),
];
for (const { group, name, run } of cases) test(`${group}: ${name}`, run);
