// Takes docs/images/view.png: the page on a cache that two models have filled, asked of a server on this machine. Build the packages first.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TokenCount } from "@remem/core";
import { cachedFetch, fetchSurfaces } from "@remem/fetch";
import { sqliteStore } from "@remem/sqlite";
import { startChromium } from "@remem/test-support/chromium";
import { completionsServer } from "@remem/testing";
import { createView } from "@remem/view";

const root = new URL("../../../", import.meta.url);
const lines = readFileSync(new URL("apps/examples/questions.jsonl", root), "utf8").trim().split("\n");
const requests = lines.map((line) => {
  const { id: _, ...request } = JSON.parse(line);
  return request;
});

/** Some price: what the page shows is the form. */
function priceOf(_: string, { prompt, completion }: TokenCount): number {
  return (0.15 * prompt + 0.6 * completion) / 1e6;
}

const directory = mkdtempSync(join(tmpdir(), "remem-picture-"));
const server = await completionsServer();
const store = sqliteStore({ path: join(directory, "cache.sqlite") });
const browser = await startChromium();
try {
  const fetch = cachedFetch({ store, scope: false });
  const headers = { "content-type": "application/json", authorization: "Bearer any" };
  for (const model of ["gpt-4.1-mini", "gpt-4o-mini"]) {
    for (const request of requests) {
      const body = JSON.stringify({ ...request, model });
      await (await fetch(`${server.baseURL}/chat/completions`, { method: "POST", headers, body })).text();
    }
  }
  const view = createView({
    store,
    token: "a-token-of-a-picture",
    place: "sqlite:./llm_cache",
    surfaces: fetchSurfaces,
    priceOf,
  });
  const page = await browser.newPage({ viewport: { width: 1_680, height: 840 } });
  await page.goto(await view.listen({ port: 0 }));
  await page.locator("[role=row]", { hasText: "SQLite or PostgreSQL" }).first().click();
  await page.locator(".message").nth(1).waitFor();
  await page.screenshot({ path: new URL("docs/images/view.png", root).pathname });
  await view.close();
  await fetch.close();
} finally {
  await browser.close();
  await server.close();
  rmSync(directory, { recursive: true });
}
