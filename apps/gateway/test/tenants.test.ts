import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { memoryStore, sqliteStore } from "remem";
import { describe, expect, test, vi } from "vitest";
import { hashOf, newToken, type Tenant } from "../src/index.ts";
import { CHAT, exchange, post, QUESTION, recordingServer, type Setup, startGateway, vendorsAt } from "./gateway.ts";

const TOKENS = { alice: newToken(), bob: newToken() };
const CHAT_PATH = "/v1/chat/completions";

/** Each upstream with a key of the gateway's. */
function withKeys(origin: string) {
  return Object.fromEntries(
    Object.entries(vendorsAt(origin)).map(([name, upstream]) => [name, { ...upstream, apiKey: `sk-${name}` }]),
  );
}

/** A gateway of two tenants, in front of a server that answers everything with a chat. */
async function setUp(own: { alice?: Partial<Tenant>; bob?: Partial<Tenant> } = {}, setup: Setup = {}) {
  const { origin, received } = await recordingServer((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT)),
  );
  const tenants = {
    alice: { tokens: [hashOf(TOKENS.alice)], ...own.alice },
    bob: { tokens: [hashOf(TOKENS.bob)], ...own.bob },
  };
  const started = await startGateway({ upstreams: withKeys(origin), tenants, ...setup });
  const as = (name: keyof typeof TOKENS, body: object = QUESTION, path = CHAT_PATH): Promise<Response> =>
    post(started.url + path, body, { authorization: `Bearer ${TOKENS[name]}` });
  return { ...started, as, received, origin };
}

const another = (content: string) => ({ ...QUESTION, messages: [{ role: "user", content }] });
const cacheStatus = ({ headers }: Response): string | null => headers.get("cache-status");

describe("a token", () => {
  test.each([
    ["none", {}],
    ["another", { authorization: "Bearer remem-wrong" }],
    ["the hash of one", { authorization: `Bearer ${hashOf(TOKENS.alice)}` }],
    ["a wrong one beside a good key", { "x-remem-token": "remem-wrong", authorization: `Bearer ${TOKENS.alice}` }],
    ["an empty one", { authorization: "Bearer " }],
  ])("is required: %s has the status 401, and costs nothing", async (_, headers: Record<string, string>) => {
    const { url, received, gateway } = await setUp();
    for (const path of [CHAT_PATH, "/v1/models", "/v1/messages", "/nowhere"]) {
      const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(QUESTION) });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining("no valid token") } });
    }
    expect(received).toHaveLength(0);
    expect(gateway.stats()).toMatchObject({ requests: 0, unauthorized: 4 });
  });

  test("that is missing ends the connection: the body is not waited for", async () => {
    const { port } = await setUp();
    const head =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    expect(await exchange(port, head)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test.each([
    ["openai", CHAT_PATH, "authorization", "Bearer "],
    ["anthropic", "/v1/messages", "x-api-key", ""],
    ["anthropic", "/v1/messages", "authorization", "Bearer "],
    ["azure", "/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "api-key", ""],
    ["gemini", "/v1beta/models/gemini-2.0-flash:generateContent", "x-goog-api-key", ""],
  ])(
    "stands where clients of %s put their key, and the gateway's key is sent instead",
    async (name, path, header, prefix) => {
      const { url, received } = await setUp();
      const headers = {
        [header]: `${prefix}${TOKENS.alice}`,
        ...(name === "anthropic" && { "anthropic-version": "2023-06-01" }),
      };
      const response = await fetch(url + path, {
        method: "POST",
        headers,
        body: JSON.stringify({ ...QUESTION, max_tokens: 9, contents: [] }),
      });
      expect(response.status).not.toBe(401);
      expect(received).toHaveLength(1);
      expect(received[0]!.headers[header]).toBe(`${prefix}sk-${name}`);
      expect(JSON.stringify(received)).not.toContain(TOKENS.alice);
    },
  );

  test("in the address, as of Gemini's older clients, is not sent on", async () => {
    const { url, received } = await setUp();
    const path = `/v1beta/models/gemini-2.0-flash:generateContent?alt=json&key=${TOKENS.alice}`;
    await fetch(url + path, { method: "POST", body: JSON.stringify({ contents: [{ parts: [{ text: "Hi" }] }] }) });
    expect(received[0]).toMatchObject({
      url: "/v1beta/models/gemini-2.0-flash:generateContent?alt=json",
      headers: { "x-goog-api-key": "sk-gemini" },
    });
  });

  test("in a header of its own lets the caller's key pass", async () => {
    const { origin, received } = await setUp();
    const { url } = await startGateway({
      upstreams: vendorsAt(origin),
      tenants: { alice: { tokens: [hashOf(TOKENS.alice)], passThrough: true } },
    });
    const headers = { "x-remem-token": TOKENS.alice, authorization: "Bearer sk-caller" };
    for (const path of [CHAT_PATH, "/v1/files"]) expect((await post(url + path, QUESTION, headers)).status).toBe(200);
    expect(received.map(({ headers }) => headers.authorization)).toEqual(["Bearer sk-caller", "Bearer sk-caller"]);
    expect(JSON.stringify(received)).not.toContain("remem-");
  });

  test("is never sent in place of a key that the gateway does not have", async () => {
    const { as, received } = await setUp({}, { upstreams: {} });
    const response = await as("alice");
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("set gateway.upstreams.openai.apiKey");
    expect(received).toHaveLength(0);
  });

  test("may be one of several, so that a new one can follow an old one", async () => {
    const next = newToken();
    const { url, as } = await setUp({ alice: { tokens: [hashOf(TOKENS.alice), hashOf(next)] } });
    await as("alice");
    expect(cacheStatus(await post(url + CHAT_PATH, QUESTION, { authorization: `Bearer ${next}` }))).toBe("remem; hit");
  });

  test("reaches no stored byte, journal, log or error", async () => {
    const directory = temporaryDirectory();
    const written: unknown[] = [];
    for (const name of ["debug", "warn", "error"] as const)
      vi.spyOn(console, name).mockImplementation((...args) => void written.push(args));
    const { as, url, gateway } = await setUp(
      {},
      {
        store: sqliteStore({ path: join(directory, "cache.sqlite") }),
        options: { journal: join(directory, "journal.jsonl"), logger: console },
      },
    );
    const answers = [await as("alice"), await as("bob"), await as("alice", {}, "/v1/files")];
    answers.push(await post(url + CHAT_PATH, QUESTION, { authorization: `Bearer x${TOKENS.alice}` }));
    for (const answer of answers) written.push(await answer.text(), [...answer.headers]);
    await gateway.close();
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = entries.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"));
    expect(files.length).toBeGreaterThan(1);
    for (const token of Object.values(TOKENS))
      for (const text of [...files, JSON.stringify(written)]) expect(text).not.toContain(token);
  });
});

describe("entries", () => {
  test("are each tenant's own", async () => {
    const { as, received } = await setUp();
    expect(cacheStatus(await as("alice"))).toBe("remem; fwd=miss");
    expect(cacheStatus(await as("bob"))).toBe("remem; fwd=miss");
    expect(cacheStatus(await as("alice"))).toBe("remem; hit");
    expect(received).toHaveLength(2);
  });

  test("are shared by tenants of one scope, also while they are asked for", async () => {
    const { as, received } = await setUp({ alice: { scope: "team" }, bob: { scope: "team" } });
    const answers = await Promise.all([as("alice"), as("bob"), as("alice")]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(cacheStatus(await as("bob"))).toBe("remem; hit");
    expect(received).toHaveLength(1);
  });

  test("without a scope are those of whoever uses the store without a gateway", async () => {
    const store = memoryStore();
    const { as, origin } = await setUp({ alice: { scope: false } }, { store });
    const { url } = await startGateway({ store, upstreams: vendorsAt(origin) });
    await post(url + CHAT_PATH);
    expect(cacheStatus(await as("alice"))).toBe("remem; hit");
    expect(cacheStatus(await as("bob"))).toBe("remem; fwd=miss");
  });

  test("a tenant who waits for the answer that another one has asked for, and may not have, asks for it itself", async () => {
    const { as, received } = await setUp({
      alice: { scope: "team", limits: { rpm: 1 } },
      bob: { scope: "team" },
    });
    await as("alice", another("first"));
    const [alice, bob] = await Promise.all([as("alice"), as("bob")]);
    expect([200, 429]).toContain(alice.status); // It has joined Bob's call, if that came first.
    expect(bob.status).toBe(200);
    expect(received).toHaveLength(2);
  });
});

describe("models", () => {
  test("that are not listed are refused, from the store, too", async () => {
    const store = memoryStore();
    const { as, received } = await setUp(
      { alice: { models: ["gpt-4o-*", "text-embedding-3-small"], scope: "team" }, bob: { scope: "team" } },
      { store },
    );
    expect((await as("alice")).status).toBe(200);
    const other = { ...QUESTION, model: "o3" };
    await as("bob", other);
    const refused = await as("alice", other);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      error: { message: 'remem: the tenant "alice" may not use the model "o3".', code: "model_not_allowed" },
    });
    expect((await as("alice", { ...QUESTION, model: "xgpt-4o-mini" })).status).toBe(403);
    expect((await as("alice", { ...QUESTION, model: "gpt-4oXmini" })).status).toBe(403);
    expect(received).toHaveLength(2);
  });

  test("are those of the address, where that names them", async () => {
    const { as } = await setUp({ alice: { models: ["gemini-2.0-*"] } });
    const body = { contents: [{ parts: [{ text: "Hi" }] }], model: "gemini-2.0-flash" };
    expect((await as("alice", body, "/v1beta/models/gemini-2.0-flash:generateContent")).status).not.toBe(403);
    expect((await as("alice", body, "/v1beta/models/gemini-3-pro:generateContent")).status).toBe(403);
  });

  test("must be told, also by what passes through", async () => {
    const { as } = await setUp({ alice: { models: ["gpt-4o-mini"], passThrough: true } });
    expect((await as("alice", {}, "/v1/images/generations")).status).toBe(403);
    const stateful = { input: "Hi", previous_response_id: "resp_1" };
    expect((await as("alice", { ...stateful, model: "o3" }, "/v1/responses")).status).toBe(403);
    expect((await as("alice", { ...stateful, model: "gpt-4o-mini" }, "/v1/responses")).status).toBe(200);
  });
});

describe("what is not cached", () => {
  test("does not pass, since it may read what others have stored with the same key", async () => {
    const { url, as, received } = await setUp();
    const headers = { authorization: `Bearer ${TOKENS.alice}` };
    for (const path of ["/v1/files", "/v1/responses/resp_1", "/v1/files/file-1/content"])
      expect((await fetch(url + path, { headers })).status).toBe(403);
    const stateful = { model: "gpt-4o-mini", input: "Hi", previous_response_id: "resp_1" };
    const refused = await as("alice", stateful, "/v1/responses");
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("passThrough");
    expect(received).toHaveLength(0);
    for (const path of ["/v1/models", "/v1/models/gpt-4o-mini"])
      expect((await fetch(url + path, { headers })).status).toBe(200);
  });

  test("passes where the configuration says so, and counts as a request", async () => {
    const { as, received } = await setUp({ alice: { passThrough: true, limits: { rpm: 2 } } });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await as("alice", { n }, "/v1/files")).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(received).toHaveLength(2);
  });
});

describe("limits", () => {
  const priceOf = (model: string, { input, output }: { input: number; output: number }): number | undefined =>
    model === "gpt-4o-mini" ? (input * 1 + output * 2) / 1_000 : undefined;

  test("rpm: further requests are told when to come again, and hits cost nothing", async () => {
    const { as, received } = await setUp({ alice: { limits: { rpm: 2 } } });
    const statuses: number[] = [];
    for (const content of ["a", "b", "a", "b", "a"]) statuses.push((await as("alice", another(content))).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    const refused = await as("alice", another("c"));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(refused.headers.get("x-should-retry")).toBeNull();
    expect(await refused.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
    expect((await as("bob", another("c"))).status).toBe(200);
    expect(received).toHaveLength(3);
  });

  test("tpm: the usage of an answer replaces its estimate", async () => {
    // The estimate is some 280 tokens, and the usage 8.
    const { as } = await setUp({ alice: { limits: { tpm: 400 } } });
    for (const content of ["a", "b", "c"]) expect((await as("alice", another(content))).status).toBe(200);
    const [one, other] = await Promise.all([as("alice", another("d")), as("alice", another("e"))]);
    expect([one.status, other.status].toSorted()).toEqual([200, 429]);
  });

  test("a budget of a day is spent by what answers cost, and its refusal is none that clients repeat", async () => {
    // An answer costs $0.011, and reserves some $0.56.
    const { as, received } = await setUp({ alice: { limits: { dollarsPerDay: 0.6 } } }, { priceOf });
    const statuses: number[] = [];
    for (let n = 0; n < 8; n++) statuses.push((await as("alice", another(`${n}`))).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 402, 402, 402]);
    const refused = await as("alice", another("x"));
    expect(await refused.text()).toContain('the budget of $0.6 a day (UTC) of the tenant \\"alice\\" is used up');
    expect(refused.headers.get("x-should-retry")).toBe("false");
    expect(cacheStatus(await as("alice", another("0")))).toBe("remem; hit");
    expect(received).toHaveLength(5);
  });

  test("a model without a price is refused where there is a budget, unless the configuration allows it", async () => {
    const limits = { dollarsPerDay: 1 };
    const { as } = await setUp({ alice: { limits }, bob: { limits, unpriced: "allow" } }, { priceOf });
    const unknown = { ...QUESTION, model: "llama" };
    const refused = await as("alice", unknown);
    expect(refused.status).toBe(402);
    expect(await refused.text()).toContain('the price of the model \\"llama\\" is unknown');
    expect((await as("bob", unknown)).status).toBe(200);
  });

  test("what fails costs nothing", async () => {
    let isBroken = true;
    const { origin } = await recordingServer((_, response) =>
      response
        .writeHead(isBroken ? 500 : 200, { "content-type": "application/json" })
        .end(JSON.stringify(isBroken ? { error: { message: "broken" } } : CHAT)),
    );
    const { as } = await setUp(
      { alice: { limits: { dollarsPerDay: 0.6, tpm: 400 } } },
      { priceOf, upstreams: withKeys(origin) },
    );
    for (const content of ["a", "b", "c"]) expect((await as("alice", another(content))).status).toBe(500);
    isBroken = false;
    expect((await as("alice", another("d"))).status).toBe(200);
  });
});

test("a gateway with tenants may listen for other machines, under any name, and returns an address that clients can use", async () => {
  const { port, url } = await setUp({}, { host: "0.0.0.0" });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const head = `GET /v1/models HTTP/1.1\r\nHost: gateway.example\r\nAuthorization: Bearer ${TOKENS.alice}\r\nConnection: close\r\n\r\n`;
  expect(await exchange(port, head)).toMatch(/^HTTP\/1\.1 200 /);
});

test("only a tenant with the right to it sees the metrics, which tell tenants apart and name no token", async () => {
  const { url, as } = await setUp({ alice: { rights: ["metrics"], limits: { rpm: 1 } } });
  await as("alice");
  await as("alice");
  await as("alice", another("refused"));
  const seen = (token?: string): Promise<Response> =>
    fetch(`${url}/metrics`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  expect((await seen()).status).toBe(401);
  expect((await seen(TOKENS.bob)).status).toBe(403);
  const text = await (await seen(TOKENS.alice)).text();
  expect(text).toContain('remem_calls_total{surface="chat",model="gpt-4o-mini",tenant="alice",source="hit"} 1');
  expect(text).toContain('remem_provider_calls_total{surface="chat",tenant="alice"} 1');
  for (const token of Object.values(TOKENS)) expect(text).not.toContain(token);
  for (const path of ["/healthz", "/readyz"]) expect((await fetch(url + path)).status).toBe(200);
});

test.each([
  [{}, /`tenants` must be an object with at least one tenant/],
  [{ alice: {} }, /`tenants\.alice\.tokens` must be a list of hashes/],
  [{ alice: { tokens: ["remem-in-clear"] } }, /`tenants\.alice\.tokens`/],
  [{ "a b": { tokens: [hashOf("x")] } }, /`tenants\.a b`/],
  [{ alice: { tokens: [hashOf("x")], scope: "a b" } }, /`tenants\.alice\.scope`/],
  [{ alice: { tokens: [hashOf("x")], models: "gpt" } }, /`tenants\.alice\.models`/],
  [{ alice: { tokens: [hashOf("x")], limits: { rps: 1 } } }, /there is no option `rps`/],
  [{ alice: { tokens: [hashOf("x")], limits: { rpm: 0 } } }, /`tenants\.alice\.limits\.rpm`/],
  [{ alice: { tokens: [hashOf("x")], limits: { dollarsPerDay: -1 } } }, /`tenants\.alice\.limits\.dollarsPerDay`/],
  [{ alice: { tokens: [hashOf("x")], rights: ["all"] } }, /`tenants\.alice\.rights`/],
  [
    { alice: { tokens: [hashOf("x")] }, bob: { tokens: [hashOf("x")] } },
    /other tokens than those of the tenant "alice"/,
  ],
])("tenants that cannot be meant are refused: %j", async (tenants, message) => {
  await expect(startGateway({ tenants: tenants as never })).rejects.toThrow(message);
});
