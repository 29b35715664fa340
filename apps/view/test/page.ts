import type { CacheStore } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import { temporaryFile } from "@remem/test-support/temporary";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { createView, type View, type ViewOptions } from "../src/server/index.ts";
import { surfaces } from "./cache.ts";

export const TOKEN = "a-token-that-nobody-can-guess";

/** The patience of a test with a busy machine, below that of the whole test. */
const WAIT_MS = 60_000;

/** A view of a cache, and a page of it in a browser. */
export interface Opened {
  readonly page: Page;
  readonly view: View;
  readonly url: string;
  /** What the page has said that was wrong. */
  readonly complaints: string[];
  /** The requests that have left this machine, or were to. */
  readonly foreign: string[];
}

export function openStore(): CacheStore {
  const store = sqliteStore({ path: temporaryFile() });
  onTestFinished(() => store.close());
  return store;
}

/** Opens a page on a cache, as the command does. Both end with the test. */
export async function open(
  browser: Browser,
  options: Partial<ViewOptions> & { readonly store: CacheStore },
  context: BrowserContextOptions = {},
  hash?: string,
  /** Runs in the page before anything of it. */
  before?: () => void,
): Promise<Opened> {
  const view = createView({ token: TOKEN, surfaces, ...options });
  onTestFinished(() => view.close());
  const url = await view.listen({ port: 0 });
  const opened = await browser.newContext({ viewport: { width: 1_280, height: 800 }, ...context });
  onTestFinished(() => opened.close());
  opened.setDefaultTimeout(WAIT_MS);
  const page = await opened.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(url).origin && protocol !== "data:" && protocol !== "blob:") foreign.push(request.url());
  });
  if (before !== undefined) await page.addInitScript(before);
  await page.goto(url);
  await page.locator("[role=grid], .empty").first().waitFor();
  if (hash !== undefined) await page.evaluate((to) => location.assign(to), hash);
  onTestFinished(() => {
    expect(foreign).toEqual([]);
  });
  return { page, view, url, complaints, foreign };
}
