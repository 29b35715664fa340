import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileJournal } from "@remem/core/journal";
import { hasChromium, startChromium } from "@remem/test-support/chromium";
import { temporaryFile } from "@remem/test-support/temporary";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPageFiles } from "../src/server/index.ts";
import { putSample } from "./cache.ts";
import { open, openStore } from "./page.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong, as lines. */
async function findings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
      resultTypes: ["violations"],
      preload: false,
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** Whether the page is wider than its window, which has to be scrolled sideways then. */
const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("main, .pane, .grid, .head")].some(
      ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
    ),
  );

describe.skipIf(!hasChromium).for([
  { colorScheme: "light", width: 1_280 },
  { colorScheme: "dark", width: 360 },
  { colorScheme: "dark", width: 2_560 },
] as const)("the page in $colorScheme colours, $width pixels wide", ({ colorScheme, width }) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  test("has no findings of axe, and fits into its window", async () => {
    const store = openStore();
    const { first, third, tools, picture, otherModel } = await putSample(store);
    const file = temporaryFile();
    const journal = fileJournal({ file });
    for (const source of ["store", "provider", "flight"] as const) {
      journal.record({
        at: Date.now(),
        key: "a".repeat(64),
        surface: "chat",
        model: "m",
        mode: "default",
        source,
        tokens: { prompt: 1, completion: 2 },
        durationMs: 3,
        notStored: undefined,
        error: undefined,
      });
    }
    await journal.close?.();
    const keysOf = async () => [
      { key: "b".repeat(64), request: { model: "m", messages: [{ role: "user", content: "Which lake?" }] }, facts: {} },
    ];
    const { page, url } = await open(
      browser,
      { store, journal: file, keysOf, mayDelete: true },
      { colorScheme, viewport: { width, height: 900 } },
    );
    const found: Record<string, readonly string[]> = {};
    const look = async (name: string): Promise<void> => {
      const all = await findings(page);
      if (await isTooWide(page)) all.push("too wide");
      if (all.length > 0) found[name] = all;
    };
    const show = (hash: string): Promise<void> => page.evaluate((to) => location.assign(to), hash);

    await page.getByText("7 entries").waitFor();
    await look("entries");
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    await look("selected");
    await page.getByRole("button", { name: "Delete" }).click();
    await page.locator("dialog[open]").waitFor();
    await look("confirmation");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await look("keys");
    await page.keyboard.press("Escape");
    for (const [name, key] of Object.entries({ third, tools, picture })) {
      await show(`#/entry/${key}`);
      await page.locator(".message.answer").waitFor();
      await page.locator(".beside[aria-busy=false]").waitFor();
      if (name === "third") {
        await page.getByLabel("Markdown").check();
        await page.locator(".markdown table").waitFor();
        await page.getByRole("tab", { name: "Test" }).click();
      }
      await look(name);
    }
    await show(`#/compare?keys=${first},${otherModel}`);
    await page.locator("ins").first().waitFor();
    await look("compare");
    await show("#/why");
    await page.getByLabel("Paste a request").fill("{}");
    await page.getByRole("button", { name: "Explain" }).click();
    await page.locator(".nearest").first().waitFor();
    await look("why");
    await show("#/overview");
    await page.locator(".uplot canvas").waitFor();
    await page.locator(".stored .figures").waitFor();
    await look("overview");
    const files = createPageFiles({ path: "/asks", asksForToken: true });
    await page.route("**/asks/**", async (route) => {
      const response = await files(new Request(route.request().url()));
      const body = Buffer.from(await response.arrayBuffer());
      await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
    });
    await page.goto(new URL("/asks/", url).href);
    await page.getByLabel("The token that your programs send").waitFor();
    await look("token");
    expect(found).toEqual({});
  });
});
