import { hasChromium, startChromium } from "@remem/test-support/chromium";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { put, putSample } from "./cache.ts";
import { open, openStore } from "./page.ts";
import { pngOf } from "./png.ts";

/** What a page may take, whatever machine shows it. */
const BUDGETS = { requests: 6, bytes: 45_000, script: 30_000, style: 6_000, nodes: 800 } as const;

interface Watched {
  readonly shifts: Array<readonly [value: number, what: string]>;
  readonly violations: string[];
}

/** Notes in the page what moves by itself, and what the policy for content has stopped. */
function watch(): void {
  const watched: Watched = { shifts: [], violations: [] };
  Object.assign(window, { watched });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput, sources } = entry as PerformanceEntry & {
        readonly value: number;
        readonly hadRecentInput: boolean;
        readonly sources: ReadonlyArray<{ readonly node: Element | null }>;
      };
      if (!hadRecentInput)
        watched.shifts.push([value, sources.map(({ node }) => node?.outerHTML?.slice(0, 80)).join()]);
    }
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    watched.violations.push(`${violatedDirective} ${blockedURI}`);
  });
}

const watchedIn = (page: Page): Promise<Watched> =>
  page.evaluate(() => (window as unknown as { watched: Watched }).watched);

describe.skipIf(!hasChromium)("the page keeps within its budgets", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  test("of requests, bytes and nodes when it is opened", async () => {
    const store = openStore();
    await putSample(store);
    const { page, complaints } = await open(browser, { store }, {}, undefined, watch);
    await page.getByText("7 entries").waitFor();
    await page.waitForLoadState("networkidle");
    const transferred = await page.evaluate(() => {
      const entries = [
        ...performance.getEntriesByType("navigation"),
        ...performance.getEntriesByType("resource"),
      ] as PerformanceResourceTiming[];
      return entries.map(({ name, encodedBodySize }) => [name.replace(/^.*\//, ""), encodedBodySize] as const);
    });
    const bytesOf = (end: string): number =>
      transferred.filter(([name]) => name.endsWith(end)).reduce((sum, [, bytes]) => sum + bytes, 0);
    const found = {
      requests: transferred.length,
      bytes: bytesOf(""),
      script: bytesOf(".js"),
      style: bytesOf(".css"),
      nodes: await page.evaluate(() => document.querySelectorAll("*").length),
    };
    console.info(`on open: ${JSON.stringify(found)}`);
    for (const [name, most] of Object.entries(BUDGETS)) {
      expect(found[name as keyof typeof found], name).toBeGreaterThan(0);
      expect(found[name as keyof typeof found], name).toBeLessThanOrEqual(most);
    }
    expect(complaints).toEqual([]);
  });

  test("of what a document says of itself", async () => {
    const { page } = await open(browser, { store: openStore() });
    await page.waitForFunction(() => document.title !== "remem"); // The name of the store comes later.
    const told = await page.evaluate(() => ({
      title: document.title,
      lang: document.documentElement.lang,
      charset: document.characterSet,
      mode: document.compatMode,
      metas: Object.fromEntries(
        Array.from(document.querySelectorAll("meta[name]"), (meta) => [
          meta.getAttribute("name"),
          meta.getAttribute("content"),
        ]),
      ),
      icon: document.querySelector("link[rel=icon]")?.getAttribute("href"),
      headings: Array.from(document.querySelectorAll("h1"), ({ textContent }) => textContent),
    }));
    expect(told).toEqual({
      title: "remem · sqlite",
      lang: "en",
      charset: "UTF-8",
      mode: "CSS1Compat",
      metas: {
        viewport: "width=device-width, initial-scale=1",
        "color-scheme": "light dark",
        description: expect.stringMatching(/^.{50,160}$/),
      },
      icon: expect.stringMatching(/^\.\/assets\/icon-.*\.svg$/),
      headings: ["Entries"],
    });
  });

  test.each([1_280, 360])("of what moves by itself in any view, %i pixels wide", async (width) => {
    const store = openStore();
    const { third, first, otherModel } = await putSample(store);
    const content = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: pngOf(1_200, 900) } },
      { type: "text", text: "Below the picture." },
    ];
    const picture = await put(store, {
      request: { model: "gpt-4.1", messages: [{ role: "user", content }] },
      message: { content: "Colours." },
    });
    const keysOf = async () => [{ key: "b".repeat(64), request: { model: "m", messages: [] }, facts: {} }];
    const { page, complaints } = await open(
      browser,
      { store, keysOf, mayDelete: true },
      { viewport: { width, height: 800 } },
      undefined,
      watch,
    );
    await page.getByText("8 entries").waitFor();
    const moved: Record<string, Watched["shifts"]> = {};
    let known = 0;
    const settle = async (name: string): Promise<void> => {
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const { shifts } = await watchedIn(page);
      const sum = shifts.slice(known).reduce((sum, [value]) => sum + value, 0);
      if (sum > 0.02) moved[name] = shifts.slice(known);
      known = shifts.length;
    };
    await settle("entries");
    const show = (hash: string): Promise<void> => page.evaluate((to) => location.assign(to), hash);
    for (const key of [third, picture]) {
      await show(`#/entry/${key}`);
      await page.locator(".message.answer").waitFor();
      await page.locator(".beside[aria-busy=false]").waitFor();
      await settle(`entry ${key === picture ? "with a picture" : ""}`);
    }
    const images = await page.evaluate(() =>
      Array.from(document.querySelectorAll("img"), ({ alt, width, height, complete, naturalWidth }) => ({
        isNamed: alt !== "",
        isSized: width > 0 && height > 0,
        isShown: complete && naturalWidth > 0,
      })),
    );
    expect(images).toEqual([{ isNamed: true, isSized: true, isShown: true }]);
    await show(`#/compare?keys=${first},${otherModel}`);
    await page.locator("ins").first().waitFor();
    await settle("compare");
    await show("#/why");
    await page.getByLabel("Paste a request").waitFor();
    await settle("why");
    await page.route("**/journal?*", async (route) => {
      await page.locator(".stored .figures").waitFor();
      await route.continue();
    });
    await show("#/overview");
    await page.locator(".calls .note code").first().waitFor();
    await settle("overview");
    expect(moved).toEqual({});
    expect((await watchedIn(page)).violations).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
