import { createCall, InvalidRequestError, type JsonObject, memoryStore } from "@remem/core";
import { expect, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { type AnySurface, builtInSurfaces } from "../../src/surfaces/surfaces.ts";
import { type GoldenRequest, goldenRequests } from "../golden/rows.ts";

const MUTATIONS = 50;

/** Mulberry32: the same numbers in each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Path = ReadonlyArray<string | number>;

/** The paths of all values in a body that are neither objects nor lists. */
function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    leavesOf(member, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

function changed(body: JsonObject, path: Path, change: (value: unknown) => unknown): JsonObject {
  const copy = structuredClone(body) as never;
  const parent = path.slice(0, -1).reduce<Record<string | number, unknown>>((at, name) => at[name] as never, copy);
  const last = path.at(-1)!;
  parent[last] = change(parent[last]);
  return copy;
}

const kindOf = ({ path }: GoldenRequest): AnySurface | undefined =>
  builtInSurfaces.find((kind) => kind.matches(new URL(path, "https://api.example.com")));

/** The keys of a request; undefined where it passes through. */
function keysOf(kind: AnySurface, { path, headers }: GoldenRequest, body: JsonObject): string | undefined {
  const asked = { url: new URL(path, "https://api.example.com"), headers: new Headers(headers), body };
  const found = "split" in kind ? kind.findItems(asked) : kind.find(asked);
  if ("passes" in found) return undefined;
  const requests = "items" in found ? found.items : [found.request];
  const { scope } = found;
  const options = { scope, provider: "server", ask: () => Promise.reject(new Error("not asked")) };
  try {
    return requests.map((request) => createCall<object, object>(kind.surface, request, options).key).join();
  } catch (error) {
    if (InvalidRequestError.is(error)) return undefined;
    throw error;
  }
}

/** Members that do not change the answer, wherever they stand, and ids that are keyed by their order. */
const UNKEYED_WITHIN = /^(?:cache_control|eager_input_streaming|prompt_cache_breakpoint|id|tool_call_id|tool_use_id)$/;

test("a request that differs in any value that is keyed has another key, and in any other has the same", () => {
  const random = seeded(1);
  let compared = 0;
  for (const request of goldenRequests) {
    const kind = kindOf(request);
    const key = kind && keysOf(kind, request, request.body);
    if (kind === undefined || key === undefined) continue;
    const leaves = leavesOf(request.body);
    for (let turn = 0; turn < MUTATIONS; turn++) {
      const path = leaves[random(leaves.length)]!;
      const body = changed(request.body, path, (value) =>
        typeof value === "number"
          ? value + 1 + random(9)
          : typeof value === "boolean"
            ? !value
            : `${value} ${random(99)}`,
      );
      const other = keysOf(kind, request, body);
      const isFree = kind.surface.unkeyed.has(String(path[0])) || path[0] === "encoding_format";
      if (other === undefined || path.some((name) => UNKEYED_WITHIN.test(String(name)))) continue;
      expect([path.join("/"), other === key]).toEqual([path.join("/"), isFree]);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(8_000);
});

const JUNK: readonly unknown[] = [null, true, -0, 1e300, "", "\ud800", [], {}, [[]], { "": null }, "x".repeat(10_000)];

test("a request with junk anywhere is answered as without the cache", async () => {
  const random = seeded(2);
  await using fetch = cachedFetch({ store: memoryStore(), fetch: async () => Response.json({ error: "junk" }) });
  for (const request of goldenRequests) {
    const leaves = leavesOf(request.body);
    for (let turn = 0; turn < MUTATIONS; turn++) {
      const path = leaves[random(leaves.length)]!;
      const at = random(path.length) + 1;
      const body = changed(request.body, path.slice(0, at), () => JUNK[random(JUNK.length)]);
      const url = new URL(request.path, "https://api.example.com");
      const response = await fetch(url, {
        method: "POST",
        headers: { ...request.headers },
        body: JSON.stringify(body),
      });
      expect(await response.json()).toEqual({ error: "junk" });
    }
  }
});
