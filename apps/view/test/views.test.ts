import { writeFileSync } from "node:fs";
import { chatSurface, type JsonObject, recomputedKey } from "@remem/core";
import { fileJournal, type JournalCall } from "@remem/core/journal";
import type { AskedRequest } from "@remem/inspect";
import { hasChromium, startChromium } from "@remem/test-support/chromium";
import { temporaryFile } from "@remem/test-support/temporary";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { putSample, user } from "./cache.ts";
import { open, openStore } from "./page.ts";

const CALL: JournalCall = {
  at: Date.now(),
  key: "a".repeat(64),
  surface: "chat",
  model: "gpt-4o-mini",
  mode: "default",
  source: "store",
  tokens: { prompt: 100, completion: 20 },
  durationMs: 3,
  notStored: undefined,
  error: undefined,
};

describe.skipIf(!hasChromium)("the other views", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  test("Compare marks the words in which answers differ from the first, and the fields of the key", async () => {
    const store = openStore();
    const { first, otherModel, otherSample } = await putSample(store);
    const { page, complaints } = await open(browser, { store, priceOf: (_, { completion }) => completion / 1_000 });
    await page.evaluate((to) => location.assign(to), `#/compare?keys=${first},${otherModel},${otherSample}`);
    const columns = page.locator(".column");
    await columns.nth(1).locator("ins").first().waitFor();
    expect(await columns.count()).toBe(3);
    expect(await columns.nth(1).locator("ins").allTextContents()).toContain("410");
    expect(await columns.nth(1).locator("del").allTextContents()).toContain("425");
    expect(await columns.nth(1).textContent()).toContain("52 +30 %");
    expect(await columns.nth(1).textContent()).toContain("$0.0520 +30 %");
    expect(await columns.nth(2).textContent()).toContain("sample1");
    await page.getByLabel("Mark differences from the first").uncheck();
    await expect.poll(() => page.locator("ins, del").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("Why did it miss names the nearest entries and the fields that differ", async () => {
    const store = openStore();
    const { first } = await putSample(store);
    const keysOf = async (text: string): Promise<AskedRequest[]> => {
      const request = JSON.parse(text) as JsonObject;
      return [{ key: recomputedKey(chatSurface, request, {}), request, facts: {} }];
    };
    const { page, complaints } = await open(browser, { store, keysOf }, {}, "#/why");
    const ask = async (request: object): Promise<void> => {
      await page.getByLabel("Paste a request").fill(JSON.stringify(request));
      await page.getByRole("button", { name: "Explain" }).click();
    };
    const request = {
      model: "gpt-4o-mini",
      temperature: 0,
      messages: [{ role: "system", content: "You are a careful geographer." }],
    };
    const lake = user("Which lake in the Alps is the deepest? Answer in one sentence, with its depth.");
    await ask({ ...request, messages: [...request.messages, lake] });
    await page.getByText("It would be a hit.").waitFor();
    await ask({
      ...request,
      temperature: 1,
      messages: [...request.messages, user(String(lake.content).replace("deepest", "largest"))],
    });
    await page.getByText("It would miss.").waitFor();
    const nearest = page.locator(".nearest").first();
    expect(await nearest.getByRole("link").getAttribute("href")).toContain(first);
    expect(await nearest.locator("tbody th").allTextContents()).toEqual(["temperature", "messages[1].content"]);
    expect(await nearest.locator("del").textContent()).toBe("deepest");
    expect(await nearest.locator("ins").textContent()).toBe("largest");
    await page.getByLabel("Paste a request").fill("nonsense");
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByRole("alert").waitFor();
    expect(complaints.filter((text) => !text.includes("400"))).toEqual([]);
  });

  test("Overview counts calls and entries, and goes on while calls come", async () => {
    const store = openStore();
    await putSample(store);
    const file = temporaryFile();
    writeFileSync(file, "");
    const journal = fileJournal({ file });
    const now = Date.now();
    for (let index = 0; index < 30; index++) journal.record({ ...CALL, at: now - index * 3_600_000 });
    for (let index = 0; index < 10; index++)
      journal.record({ ...CALL, source: "provider", at: now - index * 3_600_000 });
    journal.record({ ...CALL, source: "provider", notStored: "truncated" });
    journal.record({ ...CALL, source: "provider", tokens: undefined, error: "PROVIDER_ERROR" });
    await journal.close?.();
    const { page, complaints } = await open(browser, { store, journal: file, priceOf: () => 0.01 }, {}, "#/overview");
    const calls = page.locator(".calls");
    await calls.getByText("of 42 calls").waitFor();
    await calls.locator(".uplot canvas").waitFor();
    await calls.getByText("One bar: 15 minutes.").waitFor();
    const told = await calls.textContent();
    expect(told).toContain("Hit rate71 %");
    expect(told).toContain("Saved$0.30");
    expect(told).toContain("truncated");
    expect(told).toContain("PROVIDER_ERROR");
    const stored = page.locator(".stored");
    await stored.getByText("Worth").waitFor();
    expect(await stored.textContent()).toContain("Entries7");
    expect(await stored.textContent()).toContain("$0.07");

    const later = fileJournal({ file });
    for (let index = 0; index < 58; index++) later.record(CALL);
    await later.close?.();
    await calls.getByText("of 100 calls").waitFor();
    expect(complaints).toEqual([]);
  });

  test("Overview says how calls are recorded where there is no journal", async () => {
    const { page } = await open(browser, { store: openStore(), journal: temporaryFile() }, {}, "#/overview");
    await page.getByText("No call is recorded in").waitFor();
    await page.locator(".stored").getByText("Entries", { exact: true }).waitFor();
  });

  test("The colours are those of the system, or those that were chosen", async () => {
    const { page } = await open(browser, { store: openStore() }, { colorScheme: "dark" });
    const paper = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(await paper()).toBe("rgb(23, 24, 27)");
    await page.getByRole("button", { name: "Colours: Auto" }).click();
    await expect.poll(paper).toBe("rgb(251, 250, 247)");
    await page.reload();
    await page.getByRole("button", { name: "Colours: Light" }).click();
    await expect.poll(paper).toBe("rgb(23, 24, 27)");
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Colours: Dark" }).click();
    await expect.poll(paper).toBe("rgb(251, 250, 247)");
  });
});
