import { hasChromium, startChromium } from "@remem/test-support/chromium";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PICTURE, put, putSample, user } from "./cache.ts";
import { open, openStore } from "./page.ts";

describe.skipIf(!hasChromium)("one entry", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  async function opened() {
    const store = openStore();
    const sample = await putSample(store);
    const priceOf = (): number => 0.0125;
    const { page, ...others } = await open(
      browser,
      { store, place: "./rich.sqlite", priceOf, mayDelete: true },
      { permissions: ["clipboard-read", "clipboard-write"] },
    );
    const show = async (key: string): Promise<void> => {
      await page.evaluate((to) => location.assign(to), `#/entry/${key}`);
      await page.locator(".message.answer").waitFor();
      await expect.poll(() => page.locator(".key").getAttribute("title")).toBe(key);
    };
    return { store, sample, page, show, ...others };
  }

  const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

  test("reads as a conversation, with what is known of it and what it was keyed by", async () => {
    const { page, sample, show, complaints } = await opened();
    await show(sample.third);
    expect(await page.locator(".message .role").allTextContents()).toEqual([
      "system",
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
      "assistant",
    ]);
    const side = page.getByLabel("About the entry");
    const facts = await side.textContent();
    expect(facts).toContain("gpt-4o-mini-2026-03-01");
    expect(facts).toContain("310 in, 66 out");
    expect(facts).toContain("$0.013 by list prices");
    expect(facts).toContain("temperature0");
    expect(complaints).toEqual([]);
  });

  test("leads to the same conversation earlier and later, to other samples and other models", async () => {
    const { page, sample, show } = await opened();
    await show(sample.first);
    const beside = page.locator(".beside");
    await beside.getByText("Other models").waitFor();
    expect(await beside.locator("h3").allTextContents()).toEqual([
      "Later in the conversation",
      "Other samples",
      "Other models",
    ]);
    await beside.getByText("4 messages").waitFor();
    await beside.locator("li", { hasText: "4 messages" }).getByRole("link").click();
    await expect.poll(() => page.url()).toContain(sample.second);
    await beside.getByText("Earlier in the conversation").waitFor();
    await page.goBack();
    await beside.locator("div", { hasText: "Other models" }).getByRole("link", { name: "Compare" }).click();
    await page.getByRole("heading", { name: "Compare" }).waitFor();
    expect(page.url()).toContain(`keys=${sample.first}%2C${sample.otherModel}`);
  });

  test("tells the value in which another entry differs, and why a cost is unknown", async () => {
    const { page, store, show } = await opened();
    const request = { model: "gpt-4.1", messages: [user("Which peak is high?")], temperature: 0.7 };
    const warm = await put(store, { request, message: { content: "Mont Blanc." } });
    const { temperature: _, ...usual } = request;
    const cool = await put(store, { request: usual, message: { content: "Mont Blanc, surely." } });
    await show(cool);
    await page.locator(".beside li", { hasText: "temperature 0.7" }).getByRole("link").click();
    await expect.poll(() => page.url()).toContain(warm);
    await page.locator(".beside li", { hasText: "no temperature" }).waitFor();

    const { page: unpriced } = await open(browser, { store }, {}, `#/entry/${warm}`);
    const cost = unpriced.locator(".facts dd", { hasText: "–" }).locator("[title]");
    expect(await cost.getAttribute("title")).toBe("No price of this model is known.");
  });

  test("folds reasoning, and lays out the calls of tools and what they return", async () => {
    const { page, sample, show } = await opened();
    await show(sample.tools);
    await page.locator(".call-name", { hasText: "weather" }).waitFor();
    expect(await page.locator(".call .json-name").allTextContents()).toEqual(["place", "days"]);
    expect(await page.locator(".message.tool .json-name").allTextContents()).toContain("rain");
    const thought = page.getByText("The rain of tomorrow");
    expect(await thought.isVisible()).toBe(false);
    await page.getByText("Reasoning, 61 characters").click();
    await thought.waitFor();
  });

  test("shows a picture that is in the entry, and names one that is elsewhere", async () => {
    const { page, sample, show, foreign } = await opened();
    await show(sample.picture);
    const picture = page.locator("img.picture");
    expect(await picture.getAttribute("src")).toBe(PICTURE);
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(10);
    await page.getByText("https://example.com/elsewhere.png").first().waitFor();
    expect(await page.locator("img").count()).toBe(1);
    expect(foreign).toEqual([]);
  });

  test("lays Markdown out by a switch, with links and pictures that lead nowhere", async () => {
    const { page, sample, show, foreign } = await opened();
    await show(sample.third);
    expect(await page.locator(".message.answer table").count()).toBe(0);
    await page.getByLabel("Markdown").check();
    await page.locator(".message.answer table").waitFor();
    const answer = page.locator(".message.answer");
    expect(await answer.locator("strong").textContent()).toBe("Como");
    expect(await answer.locator("a, img").count()).toBe(0);
    expect(await answer.textContent()).toContain("the source (https://example.com/lakes)");
    expect(await answer.textContent()).toContain("[picture: a map (https://example.com/map.png)]");
    expect(foreign).toEqual([]);
  });

  test("is copied as JSON, as curl, as a call and as a test", async () => {
    const { page, sample, show } = await opened();
    await show(sample.first);
    const panel = page.getByRole("tabpanel");
    const copy = async (tab: string): Promise<string> => {
      await page.getByRole("tab", { name: tab, exact: true }).click();
      await panel.getByRole("button", { name: "Copy" }).click();
      await panel.getByRole("button", { name: "Copied" }).waitFor();
      return copied(page);
    };
    expect(JSON.parse(await copy("Request"))).toMatchObject({ model: "gpt-4o-mini", temperature: 0 });
    expect(JSON.parse(await copy("Answer"))).toMatchObject({ object: "chat.completion" });
    expect(await copy("curl")).toContain("curl 'https://api.openai.com/v1/chat/completions'");
    expect(await copy("infer")).toContain('createRemem({ model: "gpt-4o-mini", store: "sqlite:./rich.sqlite" })');
    expect(await copy("Test")).toContain('expect(response).toBe("Lake Como is the deepest');
    expect(await copy("Stored")).toMatch(/^remem\/1 [\da-f]{64} /);
    await page.getByRole("button", { name: "Copy key" }).click();
    await expect.poll(() => copied(page)).toBe(sample.first);
  });

  test("has tabs that arrows move between", async () => {
    const { page, sample, show } = await opened();
    await show(sample.first);
    await page.getByRole("tab", { name: "Request" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.getByRole("tab", { selected: true }).textContent()).toBe("curl");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => page.getByRole("tab", { selected: true }).textContent()).toBe("Stored");
  });

  test("stands beside the list in a wide window, and is deleted there", async () => {
    const { page, sample, show, store } = await opened();
    await page.setViewportSize({ width: 1_920, height: 1_000 });
    await show(sample.tools);
    expect(await page.locator(".row.open").textContent()).toContain("umbrella");
    await page.getByRole("button", { name: "Delete" }).click();
    await page.locator("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("6 entries").waitFor();
    expect(page.url()).toMatch(/#\/entries$/);
    expect(await store.get(sample.tools)).toBeUndefined();
  });

  test("says that an entry is there no more", async () => {
    const { page } = await opened();
    await page.evaluate((to) => location.assign(to), `#/entry/${"0".repeat(64)}`);
    await page.getByText("There is no entry with this key any more.").waitFor();
  });
});
