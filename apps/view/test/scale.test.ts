import { createRequire } from "node:module";
import { type CacheStore, encodeEntry } from "@remem/core";
import { splitEntry } from "@remem/core/plugin";
import { sqliteStore } from "@remem/sqlite";
import { hasChromium, startChromium } from "@remem/test-support/chromium";
import { temporaryFile } from "@remem/test-support/temporary";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { user } from "./cache.ts";
import { open } from "./page.ts";

const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

const ENTRIES = 100_000;

interface Noted {
  readonly noted: { first: number; ofAll: number; last: number };
}

/** Notes in the page when there are rows for the first time, how many entries are known by then, and when all are. */
function noteRows(): void {
  const noted = { first: 0, ofAll: 0, last: 0 };
  Object.assign(window, { noted });
  new MutationObserver(() => {
    const count = Number(document.querySelector(".sums b")?.textContent?.replaceAll(",", "") ?? 0);
    if (noted.first === 0 && document.querySelector(".grid-body [role=row]") !== null) {
      noted.first = performance.now();
      noted.ofAll = count;
    }
    if (noted.last === 0 && count === 100_000) noted.last = performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

/** Writes them past the store, in one transaction. The keys are of no request: the list does not look at them. */
async function storeOfMany(): Promise<CacheStore> {
  const path = temporaryFile();
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  await store.get("");
  const database = new DatabaseSync(path);
  const insert = database.prepare("INSERT INTO remem_entries (key, value, sidecar) VALUES (?, ?, ?)");
  database.exec("BEGIN IMMEDIATE");
  for (let number = 0; number < ENTRIES; number++) {
    const key = number.toString(16).padStart(64, "0");
    const { value, sidecar } = splitEntry(entryText(key, number));
    insert.run(key, value, sidecar!);
  }
  database.exec("COMMIT");
  database.close();
  return store;
}

function entryText(key: string, number: number): string {
  const request = { model: `model-${number % 7}`, messages: [user(`Question ${number}`)] };
  const message = { role: "assistant", content: `Answer ${number}` };
  const answer = {
    object: "chat.completion",
    choices: [{ finish_reason: "stop", message }],
    usage: { prompt_tokens: number % 900, completion_tokens: 7 },
  };
  return encodeEntry({ key, createdAt: 1_790_000_000_000 + number, answer, request });
}

describe.skipIf(!hasChromium)("a cache of 100,000 entries", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  test("is shown before it is read, and has no blank rows while it is scrolled", async () => {
    const store = await storeOfMany();
    const { page, complaints } = await open(browser, { store }, {}, undefined, noteRows);
    const rows = page.locator(".grid-body [role=row]");
    await rows.first().waitFor();
    await page.getByText("100,000 entries").waitFor();
    const { first, ofAll, last } = await page.evaluate(() => (window as unknown as Noted).noted);
    console.info(`the first rows after ${first.toFixed()} ms, all after ${last.toFixed()} ms`);
    expect(ofAll).toBeLessThan(1_000);
    // The server goes on answering while it lists.
    const told = await page.evaluate(() => {
      const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
      return entries.find(({ name }) => name.endsWith("/api/about"))!.responseEnd;
    });
    expect(told).toBeLessThan(last);

    const blank = await page.evaluate(async () => {
      const grid = document.querySelector<HTMLElement>("[role=grid]")!;
      const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));
      const { left, top, height, width } = grid.getBoundingClientRect();
      let blank = 0;
      const steps = [
        ...Array.from({ length: 60 }, () => 900),
        ...Array.from({ length: 40 }, () => grid.scrollHeight / 40),
        -1e7,
        1e7,
      ];
      for (const step of steps) {
        grid.scrollTop += step;
        await frame();
        await frame();
        for (let y = top + 45; y < top + height - 1; y += 32) {
          const text = document.elementFromPoint(left + width / 2, y)?.closest("[role=row]")?.textContent;
          if (!text?.includes("Question")) blank += 1;
        }
      }
      return blank;
    });
    expect(blank).toBe(0);
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(2_000);
    await page.keyboard.press("End");
    await page.locator("#row-99999").waitFor();
    expect(await rows.count()).toBeLessThan(200);
    await page.getByRole("button", { name: "Size" }).click();
    await page.keyboard.press("Home");
    await page.locator("#row-0").waitFor();
    expect(complaints).toEqual([]);
  });
});
