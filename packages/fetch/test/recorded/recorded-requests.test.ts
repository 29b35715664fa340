import { memoryStore } from "@remem/core";
import { expect, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { type GoldenRequest, goldenRequests, pythonRequests } from "../golden/rows.ts";
import { kindAt, replyTo } from "./replies.ts";

/** Why a recorded request is asked twice; undefined where the second is a hit. */
async function whyAskedTwice({ path, body, headers }: GoldenRequest): Promise<string | undefined> {
  const url = new URL(path, "https://api.example.com");
  const kind = kindAt(url);
  let calls = 0;
  await using fetch = cachedFetch({
    store: memoryStore(),
    async fetch() {
      calls += 1;
      return replyTo(kind, url, body, new Headers(headers));
    },
  });
  const texts = [];
  for (let turn = 0; turn < 2; turn++) {
    const response = await fetch(url, { method: "POST", headers: { ...headers }, body: JSON.stringify(body) });
    texts.push(await response.text());
  }
  expect(texts[0]).not.toBe("");
  if (calls === 1) {
    expect(texts[1]).toBe(texts[0]);
    return undefined;
  }
  if (kind === undefined) return `no surface: ${url.pathname.replace(/^.*[/:]/, "")}`;
  const found = "find" in kind ? kind.find({ url, body, headers: new Headers(headers) }) : undefined;
  return found !== undefined && "passes" in found ? found.passes : `${kind.surface.name}: not stored`;
}

test("every recorded request is asked once, or passes through for a stated reason", async () => {
  const reasons: Record<string, number> = {};
  for (const request of [...goldenRequests, ...pythonRequests]) {
    const why = (await whyAskedTwice(request)) ?? "asked once";
    reasons[why] = (reasons[why] ?? 0) + 1;
  }
  expect(reasons).toEqual({
    "asked once": 253,
    // The server keeps what these refer to.
    item_reference: 2,
    thread: 2,
    "no surface: countTokens": 1,
    "no surface: count_tokens": 1,
  });
});
