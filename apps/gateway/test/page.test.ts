import { type CacheStore, cachedFetch, memoryStore } from "remem";
import { describe, expect, test, vi } from "vitest";
import { createGateway, hashOf, newToken, type RequestEntry, type SentRequest, type Tenant } from "../src/index.ts";
import { CHAT, post, QUESTION, recordingServer, startGateway, vendorsAt } from "./gateway.ts";

const TOKENS = { alice: newToken(), bob: newToken(), carol: newToken() };
type Name = keyof typeof TOKENS;

/** A pasted request, which is the body of a chat at the gateway unless it is an address. */
async function requestIn(text: string): Promise<SentRequest> {
  const [url = "", body = ""] = text.split(" ", 2);
  if (!URL.canParse(url)) throw new Error("This is no request.");
  return { url, method: "POST", headers: new Headers(), body: decodeURIComponent(body) };
}

const pasted = (url: string, body: object): string => `${url} ${encodeURIComponent(JSON.stringify(body))}`;

/** A gateway whose tenants look at what they have stored. */
async function setUp(own: Partial<Record<Name, Partial<Tenant>>> = {}, store: CacheStore = memoryStore()) {
  const { origin, received } = await recordingServer((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT)),
  );
  const upstreams = Object.fromEntries(
    Object.entries(vendorsAt(origin)).map(([name, upstream]) => [name, { ...upstream, apiKey: "sk-own" }]),
  );
  const tenant = (name: Name): Tenant => ({ tokens: [hashOf(TOKENS[name])], rights: ["view"], ...own[name] });
  const log: RequestEntry[] = [];
  const started = await startGateway({
    store,
    upstreams,
    tenants: { alice: tenant("alice"), bob: tenant("bob"), carol: tenant("carol") },
    view: { store, requestIn },
    priceOf: (_, { input, output }) => input + output,
    log: (entry) => log.push(entry),
  });
  const ask = async (name: Name, content: string, model = "gpt-4o-mini"): Promise<void> => {
    const body = { ...QUESTION, model, messages: [{ role: "user", content }] };
    const response = await post(`${started.url}/v1/chat/completions`, body, {
      authorization: `Bearer ${TOKENS[name]}`,
    });
    expect(response.status).toBe(200);
    await response.text();
  };
  const look = (name: Name, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${started.url}/_remem/api/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKENS[name]}`, ...init.headers },
    });
  const json = async (name: Name, path: string, init?: RequestInit): Promise<Record<string, unknown>> =>
    (await (await look(name, path, init)).json()) as Record<string, unknown>;
  const rows = async (name: Name, query = ""): Promise<Array<{ key: string; prompt: string; dollars: number }>> =>
    (await (await look(name, `entries${query}`)).text())
      .trim()
      .split("\n")
      .flatMap((line) => JSON.parse(line));
  const prompts = async (name: Name, query?: string): Promise<string[]> =>
    (await rows(name, query)).map(({ prompt }) => prompt).sort();
  return { ...started, origin, received, ask, look, json, rows, prompts, log, store };
}

const body = (value: unknown): RequestInit => ({
  method: "POST",
  body: typeof value === "string" ? value : JSON.stringify(value),
});

describe("the page of a gateway", () => {
  test("shows each tenant the entries of its own scope, on every way to them", async () => {
    const { ask, look, json, rows, prompts } = await setUp({ alice: { rights: ["view", "delete"] } });
    await ask("alice", "Alice's lake?");
    await ask("alice", "Alice's river?");
    await ask("bob", "Bob's river?");
    expect(await prompts("alice")).toEqual(["Alice's lake?", "Alice's river?"]);
    expect(await prompts("bob")).toEqual(["Bob's river?"]);
    expect(await prompts("carol")).toEqual([]);
    expect(await prompts("bob", "?q=lake")).toEqual([]);
    expect(await prompts("alice", "?q=lake")).toEqual(["Alice's lake?"]);
    expect((await rows("bob"))[0]!.dollars).toBe(8);

    const [{ key: bobs } = { key: "" }] = await rows("bob");
    expect(await json("bob", `entries/${bobs}`)).toMatchObject({ kind: "entry", model: "gpt-4o-mini" });
    expect(await json("bob", `entries/${bobs}/neighbours`)).toMatchObject({ samples: [], others: [] });
    for (const key of [bobs, "0".repeat(64)]) {
      for (const path of [`entries/${key}`, `entries/${key}/raw`]) {
        const response = await look("alice", path);
        expect(response.status).toBe(404);
        expect(await response.json()).toEqual({ error: "There is no entry with this key any more." });
      }
      expect(await json("alice", `entries/${key}/neighbours`)).toBeNull();
      expect(await (await look("alice", "export", body({ keys: [key] }))).text()).toBe("");
      expect(await json("alice", "delete", body({ keys: [key] }))).toEqual({ deleted: 0 });
    }
    expect(await json("alice", "stats")).toMatchObject({ entries: 2, unreadable: 0 });
    expect(await json("alice", "journal")).toBeNull();
    const exported = (await (await look("bob", "export", body({ keys: [bobs] }))).text()).trim();
    expect(JSON.parse(exported)).toMatchObject({ key: bobs, facts: { scope: expect.stringMatching(/^tenant bob /) } });
    expect((await look("bob", `entries/${bobs}`)).status).toBe(200);
  });

  test("shows a shared scope to those who share it, and what was stored without a gateway to those without a scope", async () => {
    const store = memoryStore();
    const shared = { alice: { scope: "team" }, bob: { scope: "team" }, carol: { scope: false } } as const;
    const { ask, prompts, json, origin } = await setUp(shared, store);
    const headers = { "content-type": "application/json", authorization: "Bearer sk-own" };
    const fetch = cachedFetch({ store, config: false });
    const asked = { ...QUESTION, messages: [{ role: "user", content: "Without a gateway?" }] };
    await (
      await fetch(`${origin}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(asked) })
    ).text();
    await ask("alice", "Ours?");
    await ask("carol", "Anybody's?");
    expect(await prompts("alice")).toEqual(["Ours?"]);
    expect(await prompts("bob")).toEqual(["Ours?"]);
    expect(await prompts("carol")).toEqual(["Anybody's?", "Without a gateway?"]);
    expect(await Promise.all((["alice", "carol"] as const).map((name) => json(name, "about")))).toEqual([
      { place: "alice, scope team", mayDelete: false, mayExplain: true },
      { place: "carol, without a scope", mayDelete: false, mayExplain: true },
    ]);
  });

  test("shows no answer of a model that its tenant may not ask", async () => {
    const { ask, prompts } = await setUp({
      alice: { scope: "team" },
      bob: { scope: "team", models: ["gpt-4o*"] },
    });
    await ask("alice", "Cheap?");
    await ask("alice", "Dear?", "gpt-9");
    expect(await prompts("alice")).toEqual(["Cheap?", "Dear?"]);
    expect(await prompts("bob")).toEqual(["Cheap?"]);
  });

  test("explains a miss with the keys of its tenant, at the gateway's address as at the server's", async () => {
    const { ask, json, look, url, origin } = await setUp();
    await ask("alice", "Which lake?");
    const request = { ...QUESTION, messages: [{ role: "user", content: "Which lake?" }] };
    for (const address of [`${url}/v1/chat/completions`, `${origin}/v1/chat/completions`]) {
      const explain = (name: Name, asked: object) => json(name, "explain", body(pasted(address, asked)));
      expect(await explain("alice", request)).toMatchObject({ isStored: true });
      expect(await explain("alice", { ...request, temperature: 1 })).toMatchObject({
        isStored: false,
        nearest: [{ differences: [{ path: "temperature", asked: 1 }] }],
      });
      expect(await explain("bob", request)).toMatchObject({ isStored: false, nearest: [], compared: 0, skipped: 0 });
    }
    for (const text of ["nonsense", pasted(`${url}/nowhere`, {}), pasted(`${url}/v1/files`, {})]) {
      const response = await look("alice", "explain", body(text));
      expect([response.status, await response.json()]).toEqual([400, { error: expect.any(String) }]);
    }
  });

  test("lets entries be deleted by those with a right to that", async () => {
    const { ask, look, json, rows, store } = await setUp({
      alice: { scope: "team", rights: ["view", "delete"] },
      bob: { scope: "team" },
    });
    await ask("bob", "Once?");
    const [{ key } = { key: "" }] = await rows("bob");
    expect((await look("bob", "delete", body({ keys: [key] }))).status).toBe(404);
    expect(await store.get(key)).toBeDefined();
    expect(await json("alice", "about")).toMatchObject({ mayDelete: true });
    expect(await json("alice", "delete", body({ keys: [key] }))).toEqual({ deleted: 1 });
    expect(await store.get(key)).toBeUndefined();
  });

  test("is refused without a token, with a wrong one, and without the right", async () => {
    const { url, gateway, look } = await setUp({ bob: { rights: ["metrics"] }, carol: { rights: [] } });
    for (const authorization of ["", "Bearer ", "Bearer remem-wrong", `Basic ${TOKENS.alice}`]) {
      for (const [path, method] of [
        ["about", "GET"],
        ["entries", "GET"],
        ["export", "POST"],
        ["nothing", "GET"],
      ] as const) {
        const init = { method, headers: { authorization }, ...(method === "POST" && { body: '{"keys":[]}' }) };
        const response = await fetch(`${url}/_remem/api/${path}`, init);
        expect(response.status).toBe(401);
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    }
    expect(gateway.stats().unauthorized).toBe(16);
    for (const name of ["bob", "carol"] as const) {
      const response = await look(name, "entries");
      expect(response.status).toBe(403);
      expect(await response.text()).toContain(`gateway.tenants.${name}.rights`);
    }
  });

  test("is refused to pages of other origins, also behind what ends TLS", async () => {
    const { look, url } = await setUp();
    const { host } = new URL(url);
    const refused = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: `http://${host}.evil.example` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: `http://${host}` },
    ];
    for (const headers of refused) {
      expect((await look("alice", "about", { headers: headers as Record<string, string> })).status).toBe(403);
      const before = await look("alice", "about", { method: "OPTIONS", headers: headers as Record<string, string> });
      expect(before.ok).toBe(false);
    }
    const accepted = [
      {},
      { origin: `http://${host}` },
      { "sec-fetch-site": "same-origin", origin: "https://gateway.example" },
      { "sec-fetch-site": "none" },
    ];
    for (const headers of accepted)
      expect((await look("alice", "about", { headers: headers as Record<string, string> })).status).toBe(200);
  });

  test("is of files that anybody may have, under a path of its own, with the policy of the page", async () => {
    const { url } = await setUp();
    const moved = await fetch(`${url}/_remem`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([308, "./_remem/"]);
    const page = await fetch(`${url}/_remem/`);
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    expect(html).toContain('<meta name="remem-token" content="asked" />');
    const [, script] = /src="\.\/(assets\/[^"]+\.js)"/.exec(html)!;
    expect((await fetch(`${url}/_remem/${script}`)).headers.get("content-type")).toContain("text/javascript");
    for (const path of ["nothing", "assets/", "../metrics%2f", "%2e%2e/package.json"])
      expect((await fetch(`${url}/_remem/${path}`)).status).not.toBe(200);
    expect((await fetch(`${url}/_remem/`, { method: "POST", body: "x" })).status).toBe(404);
  });

  test("costs its tenant nothing, is counted and logged as other requests, and its token is in neither", async () => {
    const { ask, look, url, log, received } = await setUp({
      alice: { rights: ["view", "metrics"], limits: { rpm: 1, dollarsPerDay: 20_000 } },
    });
    for (let turn = 0; turn < 5; turn++) await (await look("alice", "entries?q=secret-words")).text();
    await ask("alice", "The only one?");
    expect(received).toHaveLength(1);
    await (await look("alice", "stats")).text();
    await vi.waitFor(() => expect(log).toHaveLength(7));
    expect(log[0]).toMatchObject({ tenant: "alice", method: "GET", path: "/_remem/api/entries", status: 200 });
    const metrics = await (
      await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKENS.alice}` } })
    ).text();
    expect(metrics).toContain('remem_requests_total{status="2xx",tenant="alice"} 7');
    expect(metrics).toContain('source="miss"} 1');
    for (const text of [JSON.stringify(log), metrics]) {
      expect(text).not.toContain(TOKENS.alice);
      expect(text).not.toContain("secret-words");
    }
  });
});

describe("a gateway without a page", () => {
  test("names `remem view` where it has no tenants, and asks for a token before it says anything where it has", async () => {
    const alone = await startGateway({});
    for (const path of ["/_remem", "/_remem/", "/_remem/api/entries"]) {
      const response = await fetch(alone.url + path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("`remem view`");
    }
    const evil = await fetch(`${alone.url}/_remem/`, { headers: { origin: "https://evil.example" } });
    expect(evil.status).toBe(403);

    const { url } = await startGateway({ tenants: { alice: { tokens: [hashOf(TOKENS.alice)] } } });
    expect((await fetch(`${url}/_remem/`)).status).toBe(401);
    const told = await fetch(`${url}/_remem/`, { headers: { authorization: `Bearer ${TOKENS.alice}` } });
    expect([told.status, await told.text()]).toEqual([404, expect.stringContaining('the right \\"view\\"')]);
  });

  test("refuses options and rights that it cannot use", () => {
    const fetch = (): ReturnType<typeof cachedFetch> => cachedFetch({ store: memoryStore(), config: false });
    const gateway = (rights: readonly string[], view?: object) => () =>
      createGateway({
        fetch,
        tenants: { alice: { tokens: [hashOf(TOKENS.alice)], rights } as Tenant },
        view: view as { store: CacheStore },
      });
    expect(gateway(["view"])).toThrow(/`view` must be an object with the `store` that the tenant "alice"/);
    expect(gateway(["delete"], { store: memoryStore() })).toThrow(/"delete" beside "view" alone/);
    expect(gateway(["edit"])).toThrow(/`tenants.alice.rights` must be a list of "metrics", "view" and "delete"/);
    expect(gateway(["view"], { store: {} })).toThrow(/`view.store` must be a store/);
    expect(gateway(["view"], { store: memoryStore(), requestIn: "x" })).toThrow(/`view.requestIn` must be a function/);
    expect(gateway(["view"], { store: memoryStore(), token: "x" })).toThrow(/no option `token`/);
  });
});
