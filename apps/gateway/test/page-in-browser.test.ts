import { hasChromium, startChromium } from "@remem/test-support/chromium";
import { memoryStore } from "remem";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hashOf, newToken, type Tenant } from "../src/index.ts";
import { CHAT, post, QUESTION, rawServer, recordingServer, startGateway, vendorsAt } from "./gateway.ts";

const ALICE = newToken();
const BOB = newToken();
/** The patience of a test with a busy machine. */
const WAIT_MS = 60_000;

/** A gateway in which Alice has asked something, behind a server that passes requests on under a path of its own. */
async function setUp() {
  const { origin } = await recordingServer((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT)),
  );
  const upstreams = { openai: { ...vendorsAt(origin).openai!, apiKey: "sk-own" } };
  const tenants: Readonly<Record<string, Tenant>> = {
    alice: { tokens: [hashOf(ALICE)], rights: ["view", "delete"] },
    bob: { tokens: [hashOf(BOB)] },
  };
  const store = memoryStore();
  const { url } = await startGateway({ store, upstreams, tenants, view: { store } });
  await (await post(`${url}/v1/chat/completions`, QUESTION, { authorization: `Bearer ${ALICE}` })).text();
  const proxy = await rawServer(
    async ({ url: path = "", method = "GET", headers: { connection: _, host: __, ...headers } }, out) => {
      const response = await fetch(url + path.replace(/^\/llm/, ""), {
        method,
        headers: headers as Record<string, string>,
        redirect: "manual",
      });
      const {
        "content-encoding": ___,
        "content-length": ____,
        "transfer-encoding": _____,
        ...given
      } = Object.fromEntries(response.headers);
      out.writeHead(response.status, given).end(Buffer.from(await response.arrayBuffer()));
    },
  );
  return { url, proxied: `${proxy}/llm` };
}

describe.skipIf(!hasChromium)("the page of a gateway in a browser", { timeout: 180_000 }, () => {
  let browser: Awaited<ReturnType<typeof startChromium>>;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  async function open() {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    const kept = (): Promise<readonly string[]> => page.evaluate("[...Object.values(localStorage), document.cookie]");
    return { page, complaints, kept };
  }

  test.each(["url", "proxied"] as const)("asks for the token, and shows what is its tenant's: %s", async (at) => {
    const place = (await setUp())[at];
    const { page, complaints, kept } = await open();
    await page.goto(`${place}/_remem`);
    expect(page.url()).toBe(`${place}/_remem/`);
    await page.getByLabel("The token that your programs send").fill(ALICE);
    expect(complaints).toEqual([]);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Kraków's river?").click();
    await page.getByText("The Vistula.").last().waitFor();
    expect(await kept()).not.toContain(ALICE);
    expect(page.url()).not.toContain(ALICE);
    await page.reload();
    await page.getByText("The Vistula.").last().waitFor();
    await page.evaluate('location.assign("#/overview")');
    await page.getByText("Calls are not shown").waitFor();
    await page.locator(".stored").getByRole("term").filter({ hasText: "Entries" }).waitFor();
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByLabel("The token that your programs send").waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("takes a token from the address, and says what is wrong with one", async () => {
    const { url } = await setUp();
    const { page, kept } = await open();
    await page.goto(`${url}/_remem/#token=${BOB}`);
    await page.getByText('the tenant "bob" has no right to look at entries').waitFor();
    await page.getByLabel("The token that your programs send").fill("remem-wrong");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("no valid token of the gateway").waitFor();
    expect(await page.getByText("Kraków's river?").count()).toBe(0);
    await page.goto("about:blank");
    await page.goto(`${url}/_remem/#token=${ALICE}`);
    await page.getByText("Kraków's river?").waitFor();
    expect(await kept()).not.toContain(ALICE);
    expect(page.url()).not.toContain(ALICE);
  });
});
