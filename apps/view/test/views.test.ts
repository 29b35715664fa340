import { writeFileSync } from "node:fs";
import { chatSurface, type JsonObject, recomputedKey } from "@remem/core";
import { fileJournal, type JournalCall } from "@remem/core/journal";
import type { AskedRequest } from "@remem/inspect";
import { hasChromium, startChromium } from "@remem/test-support/chromium";
import { temporaryFile } from "@remem/test-support/temporary";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { put, putSample, user } from "./cache.ts";
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
    expect(await columns.nth(1).textContent()).toContain("$0.052 +30 %");
    expect(await columns.locator("dt", { hasText: "sample" }).count()).toBe(3);
    expect(await columns.nth(2).textContent()).toContain("sample1");
    expect(await columns.nth(0).locator("dt").allTextContents()).toEqual([
      "written",
      "tokens in",
      "tokens out",
      "cost",
      "ended by",
      "sample",
    ]);
    expect(await page.locator(".asked .role").allTextContents()).toEqual(["system", "user"]);
    expect(await page.locator(".asked-here").count()).toBe(0);
    await page.getByLabel("Mark differences from the first").uncheck();
    await expect.poll(() => page.locator("ins, del").count()).toBe(0);
    await columns.nth(1).locator("h2 a").click();
    await page.locator(".message.answer").waitFor();
    expect(await page.locator(".pane .key").getAttribute("title")).toBe(otherModel);
    expect(complaints).toEqual([]);
  });

  test("Compare shows what was asked in all of the entries once, and what was asked in one of them there", async () => {
    const store = openStore();
    const ask = (system: string, question: string, content: string): Promise<string> =>
      put(store, {
        request: { model: "gpt-4.1", messages: [{ role: "system", content: system }, user(question)] },
        message: { content },
      });
    const keys = [
      await ask("Be brief.", "Which lake is deep?", "Lake Como is, by far."),
      await ask("Be brief.", "Which peak is high?", "Among all those mountains, Mont Blanc rises above every other."),
      await ask("Be kind.", "Which lake is deep?", "Lake Como is, by far, dear reader."),
      await ask("Be kind.", "Which peak is high?", "Mont Blanc."),
    ];
    const { page, complaints } = await open(browser, { store });
    const compare = async (chosen: readonly string[]): Promise<void> => {
      await page.evaluate((to) => location.assign(to), `#/compare?keys=${chosen.join()}`);
      await expect
        .poll(() => page.locator(".column .key").allTextContents())
        .toEqual(chosen.map((key) => key.slice(0, 12)));
    };
    const columns = page.locator(".column");
    await compare(keys.slice(0, 2));
    expect(await page.locator(".asked .said").allTextContents()).toEqual(["Be brief."]);
    expect(await columns.nth(0).locator(".asked-here .said").allTextContents()).toEqual(["Which lake is deep?"]);
    expect(await columns.nth(1).locator(".asked-here .said").allTextContents()).toEqual(["Which peak is high?"]);
    await columns.nth(1).getByText("too little in common").waitFor();
    expect(await page.locator("ins, del").count()).toBe(0);
    expect(await columns.nth(1).locator(".said-answer .said").textContent()).toContain("Among all those mountains");

    await compare([keys[0]!, keys[2]!]);
    expect(await page.locator(".asked .said").allTextContents()).toEqual(["Which lake is deep?"]);
    expect(await page.locator(".asked-here .said").allTextContents()).toEqual(["Be brief.", "Be kind."]);
    await columns.nth(1).locator("ins").first().waitFor();

    await compare(keys);
    expect(await page.locator(".asked").count()).toBe(0);
    const tops = await columns.evaluateAll((all) => new Set(all.map((one) => one.getBoundingClientRect().top)).size);
    expect(tops).toBe(1);
    expect(await columns.nth(0).textContent()).toContain("unknown: No price of this model is known.");
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
    await ask({
      ...request,
      seed: 7,
      messages: [...request.messages, user(String(lake.content).replace(" lake", "\n\tlake"))],
    });
    await page.getByText("leave out seed to ask for the stored one").first().waitFor();
    expect(await page.locator(".nearest").count()).toBe(3);
    expect(await nearest.locator("del").textContent()).toBe("␣space");
    expect(await nearest.locator("ins").textContent()).toBe("↵⇥line break, tab");
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
    expect(told).toContain("Saved$0.3");
    expect(told).toContain("truncated");
    expect(told).toContain("PROVIDER_ERROR");
    const stored = page.locator(".stored");
    await stored.getByText("Worth").waitFor();
    expect(await stored.textContent()).toContain("Entries7");
    expect(await stored.textContent()).toContain("$0.07");

    expect(await calls.locator(".bars thead").first().textContent()).toBe("NameCallsHit ratePaidSaved");

    // In a narrow window no figure stands alone in its line, but for the first, and no table is cut.
    await page.setViewportSize({ width: 360, height: 800 });
    const tops = await calls.locator(".figure").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    const inLines = tops.map((top) => tops.filter((other) => other === top).length);
    expect(inLines).toEqual([1, 2, 2, 2, 2, 2, 2]);
    const rights = await calls
      .locator("table")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
    expect(Math.max(...rights)).toBeLessThanOrEqual(360);

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
