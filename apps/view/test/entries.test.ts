import { hasChromium, startChromium } from "@remem/test-support/chromium";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { put, putSample, type Sample, user } from "./cache.ts";
import { open, openStore } from "./page.ts";

describe.skipIf(!hasChromium)("the list", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  async function opened() {
    const store = openStore();
    const sample: Sample = await putSample(store);
    const { page, ...others } = await open(browser, { store, mayDelete: true });
    const rows = page.locator(".grid-body [role=row]");
    await page.getByText("7 entries").waitFor();
    return { store, sample, page, rows, ...others };
  }

  test("has a row for each entry, and the token is gone from the address", async () => {
    const { page, rows, complaints } = await opened();
    expect(await rows.count()).toBe(7);
    expect(await rows.first().textContent()).toContain("What colour is this");
    expect(page.url()).toMatch(/#\/entries$/);
    expect(complaints).toEqual([]);
  });

  test("is narrowed by a search and by filters, which are in the address", async () => {
    const { page, rows } = await opened();
    await page.getByLabel("Search questions and answers").fill("umbrella");
    await page.getByText("1 entry").waitFor();
    expect(page.url()).toContain("q=umbrella");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("7 entries").waitFor();
    await page.getByLabel("Model").selectOption("gpt-4.1");
    await page.getByText("2 entries").waitFor();
    await page.getByLabel("Ended by").selectOption("length");
    await page.getByText("1 entry").waitFor();
    await page.reload();
    await page.getByText("1 entry").waitFor();
    expect(await rows.first().textContent()).toContain("It is red");
    await page.getByLabel("Written").selectOption("1h");
    await page.getByText("1 entry").waitFor();
    expect(page.url()).toMatch(/model=gpt-4\.1&finish=length&since=1h/);
  });

  test("is sorted by a column, in both directions", async () => {
    const { page, rows } = await opened();
    await page.getByRole("button", { name: "Tokens" }).click();
    expect(page.url()).toContain("sort=-tokens");
    await expect.poll(() => rows.first().textContent()).toContain("310 / 66");
    await page.getByRole("button", { name: "Tokens" }).click();
    await expect.poll(() => rows.last().textContent()).toContain("310 / 66");
    await page.getByRole("button", { name: "Tokens" }).click();
    await expect.poll(() => rows.first().textContent()).toContain("What colour");
  });

  test("is used without a mouse", async () => {
    const { page } = await opened();
    const active = page.locator(".row.active");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("k");
    await expect.poll(() => active.textContent()).toContain("umbrella");
    await page.keyboard.press("End");
    await expect.poll(() => active.getAttribute("aria-rowindex")).toBe("8");
    await page.keyboard.press("Home");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    await page.keyboard.press("c");
    await page.getByRole("heading", { name: "Compare" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("2 selected").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("7 entries").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("geographer j x ?");
    await expect.poll(() => page.getByLabel("Search questions and answers").inputValue()).toBe("geographer j x ?");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("dialog").count()).toBe(0);
    await page.keyboard.press("o");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("w");
    await page.getByRole("heading", { name: "Why did it miss?" }).waitFor();
    await page.keyboard.press("e");
    await expect.poll(() => page.url()).toContain("#/entries");
  });

  test("Enter opens the entry, j goes on to the next, and Esc comes back to the same place", async () => {
    const { page, sample } = await opened();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByText("Take one tomorrow.", { exact: true }).last().waitFor();
    expect(page.url()).toContain(sample.tools);
    await page.keyboard.press("j");
    await expect.poll(() => page.url()).toContain(sample.otherSample);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".row.active").getAttribute("aria-rowindex")).toBe("4");
  });

  test("deletes what is selected, once that is confirmed", async () => {
    const { page, rows, store, sample } = await opened();
    await rows.nth(0).getByRole("checkbox").click();
    await rows.nth(1).getByRole("checkbox").click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Delete 2 entries?" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await store.get(sample.picture)).toBeDefined();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.locator("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("5 entries").waitFor();
    expect(await store.get(sample.picture)).toBeUndefined();
    expect(await store.get(sample.tools)).toBeUndefined();
    expect(await store.get(sample.first)).toBeDefined();
  });

  test("saves what is selected as lines of JSON", async () => {
    const { page, rows, sample } = await opened();
    await rows.nth(0).getByRole("checkbox").click();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByRole("button", { name: "Export" }).click();
    const download = page.waitForEvent("download");
    await page.locator("dialog").getByRole("button", { name: "Export" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("remem-entries.jsonl");
    const lines = (await (await file.createReadStream()).setEncoding("utf8").toArray()).join("").trimEnd().split("\n");
    const records = lines.map((line) => JSON.parse(line));
    expect(records.map(({ key }) => key)).toEqual([sample.picture, sample.tools]);
    expect(records[0]).toMatchObject({
      status: "ok",
      model: "gpt-4.1",
      request: { max_tokens: 50 },
      finish_reason: "length",
    });
  });

  test("has no button for deleting where that is not allowed", async () => {
    const store = openStore();
    await putSample(store);
    const { page } = await open(browser, { store });
    await page.getByText("7 entries").waitFor();
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    expect(await page.getByRole("button", { name: "Export" }).count()).toBe(1);
    expect(await page.getByRole("button", { name: "Delete" }).count()).toBe(0);
  });

  test("says that nothing is stored, that nothing fits, and that the token is of another run", async () => {
    const { page, url } = await open(browser, { store: openStore() });
    await page.getByText("Nothing is stored yet.").waitFor();
    await page.getByLabel("Search questions and answers").fill("x");
    await page.getByText("No entry fits these filters.").waitFor();
    await page.goto(url.replace(/token=.*/, "token=another-one-of-yesterday"));
    await page.getByText("The token is missing or of another run.").waitFor();
    await page.goto(url);
    await page.getByText("Nothing is stored yet.").waitFor();
  });

  test("shows what comes when it is loaded again", async () => {
    const { page, store } = await opened();
    await put(store, { request: { model: "new", messages: [user("Something new")] }, message: { content: "yes" } });
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByText("8 entries").waitFor();
  });
});
