import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { hasTerminal } from "../support/pseudo-terminal.ts";
import { type Run, workspace } from "../support/remem.ts";
import { ask, freePort, NONE, said, serving } from "../support/serving.ts";

const program = fileURLToPath(new URL("programs/asker.mjs", import.meta.url));
const bin = fileURLToPath(new URL("../../bin/remem.js", import.meta.url));
const asker = (...args: string[]): string[] => ["--", process.execPath, program, ...args];
const linesOf = (run: Run) =>
  run.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const figure = (run: Run, name: string) => new RegExp(`^${name} {2,}(.*)$`, "m").exec(run.err)?.[1];
/** A completion with so many tokens. */
function costly(content: string, completion_tokens: number) {
  return {
    id: "1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o-mini",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens, total_tokens: completion_tokens + 1 },
  };
}

/** Starts a server that answers with its name, and records what it is asked. */
async function namedServer(name: string) {
  const received: Array<{ readonly url: string | undefined; readonly headers: IncomingHttpHeaders }> = [];
  const server = createServer(({ url, headers }, response) => {
    received.push({ url, headers });
    response.end(name);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

describe("remem run", () => {
  test("asks once what two runs ask, and tells so", async () => {
    const { remem, server } = await workspace();
    const first = await remem(["run", ...asker("chat", "Hi", "Ho", "Hi")]);
    expect(first.status).toBe(0);
    expect(linesOf(first).map(({ status, cache }) => [status, cache])).toEqual([
      [200, "remem; fwd=miss"],
      [200, "remem; fwd=miss"],
      [200, "remem; hit"],
    ]);
    expect([figure(first, "requests"), figure(first, "hits"), figure(first, "misses")]).toEqual(["3", "1", "2"]);
    expect(figure(first, "cost")).toMatch(/^\$0\.\d+ by list prices$/);
    const second = await remem(["run", ...asker("chat", "Hi", "Ho")]);
    expect([figure(second, "hits"), figure(second, "misses"), figure(second, "cost")]).toEqual(["2", "0", undefined]);
    expect(figure(second, "cost saved")).toMatch(/^\$0\.\d+ by list prices$/);
    expect(server.calls).toBe(2);
  });

  test("gives the program its input, output and exit status", async () => {
    const { remem } = await workspace();
    expect((await remem(["run", ...asker("stdin")], "a text")).out).toBe("a text");
    const { status, err } = await remem(["run", ...asker("exit", "7")]);
    expect([status, err]).toEqual([7, "remem: no request has come to the gateway\n"]);
    expect((await remem(["run", ...asker("die", "SIGKILL")])).status).toBe(137);
    expect((await remem(["run", ...asker("die", "SIGTERM")])).status).toBe(143);
  });

  test("refuses further calls after --max-calls, but no hits", async () => {
    const { remem, server } = await workspace();
    const run = await remem(["run", "--max-calls", "1", ...asker("chat", "Hi", "Hi", "Ho")]);
    expect(linesOf(run).map(({ status, cache }) => [status, cache])).toEqual([
      [200, "remem; fwd=miss"],
      [200, "remem; hit"],
      [402, "remem; detail=budget-exceeded"],
    ]);
    expect(JSON.parse(linesOf(run)[2].text).error).toMatchObject({
      message: "--max-calls 1 is reached.",
      code: "budget_exceeded",
    });
    expect(run.status).toBe(0);
    expect(server.calls).toBe(1);
  });

  test("refuses calls that --max-cost does not cover, by what each answer has cost", async () => {
    const { remem, server, write } = await workspace();
    write("remem.config.json", [{ prices: { "gpt-4o-mini": { input: 0, output: 100 } } }]);
    server.script([{ body: costly("Hi", 9_000) }, { body: costly("Ho", 1) }]);
    // An answer may cost 0.1 dollars at first, and 0.9 after one that has.
    const run = await remem(["run", "--max-cost", "1", ...asker("chat", "Hi", "Ho")]);
    expect(linesOf(run).map(({ status }) => status)).toEqual([200, 402]);
    expect(linesOf(run)[1].text).toContain("the next call may cost $0.9, and $0.9 of --max-cost $1.00 is spent.");
    expect(figure(run, "cost")).toBe("$0.9 by list prices");
    const unpriced = await remem(["run", "--max-cost", "1", ...asker("chat", "Hm")], "", { MODEL: "own" });
    expect(linesOf(unpriced)).toMatchObject([{ status: 402, text: expect.stringContaining('the price of \\"own\\"') }]);
    expect(server.calls).toBe(1);
  });

  test("waits for a rate limit by itself where it is told to", async () => {
    const { remem, server } = await workspace();
    server.script([{ status: 429, headers: { "retry-after": "1" } }]);
    const limited = await remem(["run", "--rpm", "1000", ...asker("chat", "Hi")]);
    expect(linesOf(limited)).toMatchObject([{ status: 200 }]);
    server.script([{ status: 429, headers: { "retry-after": "1" } }]);
    expect(linesOf(await remem(["run", ...asker("chat", "Ho")]))).toMatchObject([{ status: 429 }]);
  });

  test("tells what is wrong with a command that cannot be run", async () => {
    const { remem, directory } = await workspace();
    const missing = await remem(["run", "--", "no-such-program", "x"]);
    expect([missing.status, missing.err]).toEqual([127, "remem: no-such-program: command not found\n"]);
    const forbidden = await remem(["run", "--", directory]);
    expect([forbidden.status, forbidden.err]).toEqual([126, `remem: ${directory}: spawn ${directory} EACCES\n`]);
    expect((await remem(["run"])).status).toBe(2);
    const address = await remem(["run", ...asker("exit", "0")], "", { OPENAI_BASE_URL: "https://user:pass@host/v1" });
    expect(address.status).toBe(2);
    expect(address.err).toMatch(/^remem: OPENAI_BASE_URL must be an address .* without credentials and query\.\n$/);
    expect((await remem(["run", "--no-such-flag", ...asker("exit", "0")])).status).toBe(2);
  });

  test("puts what is set already behind the gateway", async () => {
    const { remem } = await workspace();
    const [anthropic, gemini, azure, ollama, groq] = await Promise.all(
      ["anthropic", "gemini", "azure", "ollama", "groq"].map(namedServer),
    );
    const env = {
      ...NONE,
      ANTHROPIC_BASE_URL: `${anthropic!.origin}/v1`,
      GOOGLE_GEMINI_BASE_URL: gemini!.origin,
      AZURE_OPENAI_ENDPOINT: `${azure!.origin}/`,
      OLLAMA_HOST: new URL(ollama!.origin).host,
    };
    for (const [variable, path, server, expected] of [
      ["ANTHROPIC_BASE_URL", "/v1/messages/count_tokens", anthropic, "/v1/messages/count_tokens"],
      ["ANTHROPIC_BASE_URL", "/messages/count_tokens", anthropic, "/v1/messages/count_tokens"],
      ["GOOGLE_GEMINI_BASE_URL", "/v1beta/models/m:countTokens", gemini, "/v1beta/models/m:countTokens"],
      ["AZURE_OPENAI_ENDPOINT", "/openai/files", azure, "/openai/files"],
      ["OLLAMA_HOST", "/api/embed", ollama, "/api/embed"],
    ] as const) {
      const run = await remem(["run", ...asker("at", variable, path)], "", env);
      expect(linesOf(run)).toMatchObject([{ status: 200, cache: null }]);
      expect(figure(run, "passed through")).toBe("1, which are not cached");
      expect(server!.received.at(-1)).toMatchObject({ url: expected, headers: { authorization: "Bearer own" } });
    }
    expect(groq!.received).toEqual([]);
  });

  test("takes further servers of the configuration file, with their keys", async () => {
    const { remem, write } = await workspace();
    const groq = await namedServer("groq");
    const upstreams = { groq: { baseURL: groq.origin, apiKey: "MY_KEY" } };
    write("remem.config.json", [{ gateway: { upstreams } }]);
    const env = { ...NONE, MY_KEY: "configured" };
    const run = await remem(["run", ...asker("at", "GROQ_BASE_URL", "/openai/v1/files")], "", env);
    expect(linesOf(run)).toMatchObject([{ status: 200, text: "groq" }]);
    expect(groq.received).toMatchObject([{ url: "/openai/v1/files", headers: { authorization: "Bearer configured" } }]);
    const other = await namedServer("other");
    // The key is not sent to a server that a variable names.
    await remem(["run", ...asker("at", "GROQ_BASE_URL", "/x")], "", { ...env, GROQ_BASE_URL: other.origin });
    expect(other.received).toMatchObject([{ headers: { authorization: "Bearer own" } }]);
    const unset = await remem(["run", ...asker("exit", "0")]);
    expect([unset.status, unset.err]).toEqual([
      2,
      expect.stringMatching(/json:1: `gateway\.upstreams\.groq\.apiKey` needs the variable MY_KEY, which is not set\./),
    ]);
    write("remem.config.json", [{ gateway: { upstreams: { api: { baseURL: groq.origin } } } }]);
    const taken = await remem(["run", ...asker("exit", "0")]);
    expect([taken.status, taken.err]).toEqual([2, expect.stringMatching(/`gateway\.upstreams\.api` must be named/)]);
  });

  test("takes its store, its journal and the use of the store from the configuration file", async () => {
    const { remem, write, read, server } = await workspace();
    const upstreams = { groq: { baseURL: "http://127.0.0.1:1", apiKey: "MY_KEY" } };
    const settings = { store: "sqlite:./answers.sqlite", journal: "./calls.jsonl", gateway: { upstreams } };
    write("remem.config.json", [settings]);
    const env = { MY_KEY: "k" };
    expect((await remem(["run", ...asker("chat", "Hi")], "", env)).status).toBe(0);
    write("remem.config.json", [{ ...settings, cache: "only-if-cached" }]);
    const hit = await remem(["run", ...asker("chat", "Hi", "Ho")], "", env);
    expect(linesOf(hit)).toMatchObject([{ cache: "remem; hit" }, { status: 402 }]);
    const given = await remem(["run", "--store", "memory:", "--cache", "reload", ...asker("chat", "Hi")], "", env);
    expect(linesOf(given)).toMatchObject([{ cache: "remem; fwd=request" }]);
    expect(read("calls.jsonl")).toHaveLength(4);
    expect((await remem(["ls", "--json"])).out.trim().split("\n")).toHaveLength(1);
    expect(server.calls).toBe(2);
    expect((await remem(["config"])).out).toMatch(/^gateway\.upstreams\.groq +.*"MY_KEY".* +remem\.config\.json:1$/m);
  });

  test("sets the variables of the clients, and no sign of a vendor that is not in use", async () => {
    const { remem } = await workspace();
    const names = [
      "OPENAI_BASE_URL",
      "OPENAI_API_BASE",
      "ANTHROPIC_BASE_URL",
      "ANTHROPIC_API_URL",
      "AZURE_OPENAI_ENDPOINT",
    ];
    const varsOf = async (env: NodeJS.ProcessEnv) => {
      const [vars] = linesOf(await remem(["run", ...asker("env", ...names)], "", { ...NONE, ...env }));
      return Object.values(vars).map((value) => String(value).replace(/^http:\/\/127\.0\.0\.1:\d+/, "gateway"));
    };
    expect(await varsOf({})).toEqual(["gateway/v1", "null", "gateway", "null", ""]);
    const azure = { AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com" };
    expect(await varsOf(azure)).toEqual(["gateway/v1", "null", "gateway", "null", "gateway"]);
    // The client for Azure in JavaScript would take OpenAI's address for its own.
    const alone = { ...azure, OPENAI_API_KEY: "", OPENAI_BASE_URL: "" };
    expect(await varsOf(alone)).toEqual(["", "null", "gateway", "null", "gateway"]);
    const preferred = { OPENAI_API_BASE: "http://127.0.0.1:1/v1", ANTHROPIC_API_URL: "http://127.0.0.1:1" };
    expect(await varsOf(preferred)).toEqual(["gateway/v1", "gateway/v1", "gateway", "gateway", ""]);
  });

  test("keeps the program's requests to the gateway from a proxy", async () => {
    const { remem } = await workspace();
    const names = ["NO_PROXY", "no_proxy"];
    const varsOf = async (env: NodeJS.ProcessEnv) => {
      const without = {
        HTTP_PROXY: "",
        HTTPS_PROXY: "",
        ALL_PROXY: "",
        http_proxy: "",
        https_proxy: "",
        all_proxy: "",
      };
      const run = await remem(["run", ...asker("env", ...names)], "", {
        ...without,
        NO_PROXY: "a.b",
        no_proxy: "",
        ...env,
      });
      return Object.values(linesOf(run)[0]);
    };
    expect(await varsOf({})).toEqual(["a.b", ""]);
    const extended = "a.b,127.0.0.1,localhost";
    expect(await varsOf({ HTTPS_PROXY: "http://127.0.0.1:1" })).toEqual([extended, extended]);
    expect(await varsOf({ http_proxy: "http://127.0.0.1:1", NO_PROXY: "" })).toEqual([
      "127.0.0.1,localhost",
      "127.0.0.1,localhost",
    ]);
  });

  test("--frozen gives what is stored, and asks no server", async () => {
    const { remem, server } = await workspace();
    await remem(["run", ...asker("chat", "Hi")]);
    const hit = await remem(["run", "--frozen", ...asker("chat", "Hi", "Ho")]);
    expect(linesOf(hit)).toMatchObject([{ status: 200, cache: "remem; hit" }, { status: 402 }]);
    expect(linesOf(hit)[1].text).toMatch("No answer is stored for this request");
    expect(hit.err).toMatch(/\brequests +2\nrefused +1, not stored or beyond a limit\nhits +1\n/);
    const passing = await remem(["run", "--frozen", ...asker("models")]);
    expect(linesOf(passing)).toMatchObject([{ status: 402 }]);
    expect(linesOf(passing)[0].text).toMatch("--frozen sends nothing to a server");
    expect(passing.err).toMatch(/\brequests +1\nrefused +1,/);
    expect(server.calls).toBe(1);
  });

  test("--frozen gives a program without keys one, since its clients ask nobody without", async () => {
    const { remem } = await workspace();
    const names = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"];
    const none = Object.fromEntries([...names, "AZURE_OPENAI_API_KEY", "GOOGLE_API_KEY"].map((name) => [name, ""]));
    const keysOf = async (flags: readonly string[], env: NodeJS.ProcessEnv) =>
      Object.values(linesOf(await remem(["run", ...flags, ...asker("env", ...names)], "", { ...none, ...env }))[0]);
    expect(await keysOf(["--frozen"], {})).toEqual(["none", "none", "none"]);
    expect(await keysOf(["--frozen"], { ANTHROPIC_API_KEY: "k" })).toEqual(["", "k", ""]);
    expect(await keysOf([], {})).toEqual(["", "", ""]);
  });

  test("records calls in the journal", async () => {
    const { remem, read } = await workspace();
    await remem(["run", "--journal", "calls.jsonl", ...asker("chat", "Hi", "Hi")]);
    expect(read("calls.jsonl")).toHaveLength(2);
    await remem(["run", ...asker("chat", "Hi")], "", { REMEM_JOURNAL: "others.jsonl" });
    expect(read("others.jsonl")).toHaveLength(1);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("passes %s on, once, and waits for the program", async (signal) => {
    const { start } = await workspace();
    const child = start(["run", ...asker("wait")]);
    await said(child, "waiting");
    child.kill(signal);
    const { status, out } = await child.ended;
    expect([status, out]).toEqual([41, `waiting\n${signal}\n`]);
  });

  test.skipIf(!hasTerminal)("leaves the keys of a terminal to the terminal", async () => {
    const { directory } = await workspace();
    // Otherwise some shells end at once, by the same key.
    const command = ["exec", process.execPath, bin, "run", ...asker("wait")].join(" ");
    const terminal = spawn("script", ["-qec", command, "/dev/null"], { cwd: directory });
    const shown = text(terminal.stdout);
    await said(terminal, "waiting");
    terminal.stdin.write("\x03");
    const [status] = await once(terminal, "close");
    expect((await shown).match(/SIGINT/g)).toHaveLength(1);
    expect(status).toBe(41);
  });
});

describe("remem serve", () => {
  test("prints what clients need, answers them until SIGTERM, and tells what it has done", async () => {
    const place = await workspace();
    const { child, url } = await serving(place);
    for (let turn = 0; turn < 3; turn++) expect((await ask(url)).status).toBe(200);
    child.kill("SIGTERM");
    const { status, out, err } = await child.ended;
    expect(status).toBe(0);
    expect(out).toBe(
      [
        `export OPENAI_BASE_URL=${url}/v1`,
        `export ANTHROPIC_BASE_URL=${url}`,
        `export GOOGLE_GEMINI_BASE_URL=${url}`,
        `export OLLAMA_HOST=${url}`,
        `export OLLAMA_BASE_URL=${url}`,
        "",
      ].join("\n"),
    );
    expect(err).toMatch(`remem: listening on ${url}`);
    expect(err).toMatch(/^hits +2$/m);
    expect(place.server.calls).toBe(1);
  });

  test("answers all that is in flight when it is stopped", async () => {
    const place = await workspace({ latencyMs: 2_000 });
    const { child, url } = await serving(place);
    const asked = Array.from({ length: 30 }, (_, index) => ask(url, `Hi ${index}`));
    await vi.waitFor(() => expect(place.server.calls).toBe(30), { timeout: 30_000 });
    child.kill("SIGTERM");
    for (const response of await Promise.all(asked)) expect(await response.json()).toHaveProperty("choices");
    const { status, err } = await child.ended;
    expect(status).toBe(0);
    expect(err).toMatch(/^misses +30$/m);
  });

  test("answers what is in flight after SIGTERM, and ends at once after a second signal", async () => {
    const place = await workspace({ latencyMs: 2_000 });
    for (const again of [false, true]) {
      const { child, url } = await serving(place, ["--cache", "reload"]);
      const calls = place.server.calls;
      const asked = ask(url).catch((error: Error) => error);
      await vi.waitFor(() => expect(place.server.calls).toBe(calls + 1), { timeout: 30_000 });
      child.kill("SIGTERM");
      await said(child, "stopping");
      if (again) child.kill("SIGTERM");
      const answer = await asked;
      expect(answer instanceof Response ? answer.status : "broken").toBe(again ? "broken" : 200);
      expect((await child.ended).status).toBe(again ? 130 : 0);
    }
  });

  test("takes its own address in a variable for none", async () => {
    const place = await workspace();
    const port = await freePort();
    const azure = "http://127.0.0.1:1";
    const env = { OPENAI_BASE_URL: `http://localhost:${port}/v1`, AZURE_OPENAI_ENDPOINT: azure };
    const child = place.start(["serve", "--port", `${port}`], { ...NONE, ...env });
    await said(child, "OLLAMA_BASE_URL");
    const response = await fetch(`http://127.0.0.1:${port}/openai/files`);
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining(azure)]);
    child.kill("SIGTERM");
    const { out } = await child.ended;
    expect(out).toContain(`export AZURE_OPENAI_ENDPOINT=http://127.0.0.1:${port}\n`);
  });

  test("refuses other addresses than loopback ones, and a port that is in use", async () => {
    const place = await workspace();
    const open = await place.remem(["serve", "--host", "0.0.0.0"]);
    expect([open.status, open.err]).toEqual([2, expect.stringMatching(/^remem: --host must be a loopback address/)]);
    const { port } = new URL(place.server.baseURL);
    const used = await place.remem(["serve", "--port", port]);
    expect([used.status, used.err]).toEqual([
      2,
      expect.stringMatching(`^remem: --port ${port} of 127.0.0.1 is in use`),
    ]);
  });

  test("serves tenants of the configuration file, each by its token, also to other machines", async () => {
    const place = await workspace();
    const { baseURL } = place.server;
    const made = await Promise.all([1, 2].map(() => place.remem(["token"])));
    const [alice, bob] = made.map(({ out }) => /^token {2}(remem-\S{43})\nhash {3}(sha256:[\da-f]{64})\n$/.exec(out)!);
    const tenants = {
      alice: { tokens: [alice![2]], models: ["gpt-4o-*"], limits: { dollarsPerDay: 0.0003 } },
      bob: { tokens: [bob![2]], scope: "alice", limits: { rpm: 1 } },
    };
    const upstreams = { openai: { baseURL, apiKey: "TEAM_KEY" } };
    place.write("remem.config.json", [{ gateway: { upstreams, tenants } }]);
    const env = { TEAM_KEY: "sk-team", OPENAI_BASE_URL: baseURL };
    const { child, url } = await serving(place, ["--host", "0.0.0.0"], env);
    const askAs = (token: string | undefined, content: string, model = "gpt-4o-mini"): Promise<Response> =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({ model, messages: [{ role: "user", content }] }),
      });
    expect((await askAs("none", "a")).status).toBe(401);
    expect((await askAs(alice![1], "a")).status).toBe(200);
    expect((await askAs(alice![1], "a", "o3")).status).toBe(403);
    expect((await askAs(bob![1], "a")).headers.get("cache-status")).toBe("remem; hit");
    expect((await askAs(bob![1], "b")).status).toBe(200);
    expect((await askAs(bob![1], "c")).status).toBe(429);
    // Each answer costs some cents of a cent, and the budget has three.
    const statuses: number[] = [];
    for (let n = 0; n < 40 && statuses.at(-1) !== 402; n++) statuses.push((await askAs(alice![1], `${n}`)).status);
    expect(statuses.at(-1)).toBe(402);
    expect(statuses.at(0)).toBe(200);
    expect(place.server.requests.every(({ headers }) => headers.authorization === "Bearer sk-team")).toBe(true);
    child.kill("SIGTERM");
    const { err } = await child.ended;
    expect(err).toContain("each with its token as the API key (alice, bob)");
    expect(err).toMatch(/^refused +3, not stored or beyond a limit; 1 without a token$/m);
    expect(err + JSON.stringify(await place.remem(["config"]))).not.toContain(alice![1]);
  });

  test("names the package to install where that is missing", async () => {
    const { remem } = await workspace();
    const NODE_OPTIONS = `--import=${new URL("../support/without-packages.mjs", import.meta.url)}`;
    const { status, err } = await remem(["serve"], "", { NODE_OPTIONS });
    expect([status, err]).toEqual([
      2,
      expect.stringMatching(/needs the package @remem\/gateway: npm install @remem\/gateway/),
    ]);
  });
});
