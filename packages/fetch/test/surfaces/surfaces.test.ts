import { expect, test } from "vitest";
import { builtInSurfaces } from "../../src/surfaces/surfaces.ts";
import { goldenRequests } from "../golden/rows.ts";

test("no recorded address is that of two surfaces", () => {
  for (const { path } of goldenRequests) {
    const url = new URL(path, "https://api.example.com");
    const count = /count_?tokens/i.test(path) ? 0 : 1;
    expect([path, builtInSurfaces.filter((one) => one.matches(url)).length]).toEqual([path, count]);
  }
});

test("surfaces have names of their own", () => {
  const names = builtInSurfaces.map(({ surface }) => surface.name);
  expect(new Set(names).size).toBe(names.length);
});

test("errors have the form of the surface's servers", () => {
  const bodies = builtInSurfaces.map(({ surface, errorBody }) => [
    surface.name,
    errorBody("Not stored.", "cache_miss"),
  ]);
  const openai = { error: { message: "Not stored.", type: "invalid_request_error", param: null, code: "cache_miss" } };
  expect(Object.fromEntries(bodies)).toEqual({
    chat: openai,
    embeddings: openai,
    responses: openai,
    messages: { type: "error", error: { type: "cache_miss", message: "Not stored." } },
    gemini: { error: { code: null, message: "Not stored.", status: "CACHE_MISS" } },
    "gemini-embeddings": { error: { code: null, message: "Not stored.", status: "CACHE_MISS" } },
    "ollama-chat": { error: "Not stored." },
    "ollama-generate": { error: "Not stored." },
    "ollama-embeddings": { error: "Not stored." },
    completions: openai,
    moderations: openai,
  });
});
