import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import type { CacheStore } from "@remem/core";
import { openaiProvider } from "@remem/openai";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { fakeProvider } from "@remem/testing";
import { createRemem, sqliteStore } from "remem";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, echo, hearWarnings, open, rightAnswer, startServer } from "../client.ts";
import { canStartRedis, redisFor } from "../stores.ts";
import { startWorker } from "../worker.ts";
import { filesIn } from "./files-in.ts";

describe("names", () => {
  const models = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    ".hidden",
    "..\\..\\windows",
    "C:\\windows",
    "a\0b",
    "a\nb",
    "name:stream",
    "$(touch x)",
    "-rf",
    "Qwen/Qwen3-8B",
    "Modell für große Köpfe 😀",
    "\ud800",
    "m".repeat(5_000),
  ];
  test.each(models.map((model) => [JSON.stringify(model).slice(0, 40), model]))(
    "the file of the model %s is in the cache directory, under a harmless name",
    async (_, model) => {
      const parent = temporaryDirectory();
      const cacheDir = join(parent, "cache");
      const { client } = open({ provider: echo(), model: model!, cacheDir });
      expect(await ask(client, "Hi")).toMatchObject({ response: rightAnswer("Hi") });
      expect(await ask(client, "Hi")).toMatchObject({ source: "store" });
      await client.close();
      expect(readdirSync(parent)).toEqual(["cache"]);
      for (const name of readdirSync(cacheDir)) expect(name).toMatch(/^[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,110}$/);
    },
  );

  test("models whose names differ only in replaced characters have separate files, and a slash becomes REMem's underscore", async () => {
    const cacheDir = temporaryDirectory();
    for (const model of ["a b", "a:b", "a\\b", "a?b", "a/b"]) {
      await ask(open({ provider: echo(), model, cacheDir }).client, "Hi");
    }
    const files = readdirSync(cacheDir).filter((name) => name.endsWith(".sqlite"));
    expect(files).toHaveLength(5);
    expect(files).toContain("a_b_cache.sqlite");
  });

  test("keys are bound parameters: SQL in a key has no effect", async () => {
    const store = sqliteStore({ path: temporaryFile() });
    onTestFinished(() => store.close());
    await store.set("innocent", "v");
    const hostile = ["'; DROP TABLE remem_entries; --", "' OR '1'='1", "%", "*", "in?ocent", '"', "innocent' --"];
    for (const key of hostile) expect(await store.get(key)).toBeUndefined();
    for (const key of hostile) expect(await store.delete(key)).toBe(false);
    expect(await store.get("innocent")).toBe("v");
  });

  test("a member __proto__ of an answer is data, and changes no prototype", async () => {
    const server = await startServer();
    const { client } = open({ baseURL: server.baseURL, apiKey: "sk-test", store: `sqlite:${temporaryFile()}` });
    const body = `{"id":"1","model":"m","created":0,"__proto__":{"polluted":1},"choices":[{"index":0,"finish_reason":"stop",
      "message":{"role":"assistant","content":"Hi","__proto__":{"content":"evil"},"constructor":{"prototype":{"polluted":1}}}}]}`;
    server.script([{ body }]);
    const miss = await ask(client, "Hi");
    const hit = await ask(client, "Hi");
    expect(hit).toEqual({ ...miss, cacheHit: true, source: "store" });
    expect([miss.response, hit.response]).toEqual(["Hi", "Hi"]);
    expect(Object.hasOwn(hit.completion, "__proto__")).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("files", () => {
  test.each([0, 0o022, 0o077])(
    "with a umask of %i all files, including lock files, are 0600 and directories 0700",
    async (umask) => {
      const server = await startServer({ latencyMs: 200 });
      const parent = temporaryDirectory();
      const cacheDir = join(parent, "new", "cache");
      const worker = await startWorker({ cacheDir, baseURL: server.baseURL, umask });
      const answers = worker.ask(["a", "b", "c"]);
      await worker.tells("miss");
      const modes = () =>
        readdirSync(parent, { recursive: true, withFileTypes: true }).map((entry) => {
          const path = join(entry.parentPath, entry.name);
          const mode = (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
          return [entry.isDirectory() ? "directory" : "file", relative(parent, path), mode.toString(8)] as const;
        });
      const during = modes();
      await answers;
      const after = modes();
      expect(during.length).toBeGreaterThan(2);
      for (const [kind, path, mode] of [...during, ...after]) {
        // "0" was removed in the meantime.
        expect([kind === "directory" ? "700" : "600", "0"], path).toContain(mode);
      }
      expect((await worker.close()).code).toBe(0);
    },
  );

  test.skipIf(process.platform === "win32")("a world-writable directory causes a warning", async () => {
    const warnings = hearWarnings();
    const cacheDir = temporaryDirectory();
    chmodSync(cacheDir, 0o777);
    const { client } = open({ provider: echo(), cacheDir });
    await ask(client, "Hi");
    expect(warnings.texts.filter((text) => text.includes(cacheDir))).toHaveLength(1);
  });

  test("names of locks are hex, and a link in place of a lock is not followed", async () => {
    const provider = echo();
    const path = temporaryFile();
    const { client } = open({ provider, store: `sqlite:${path}` });
    const messages = [{ role: "user", content: "../../Hi" }] as const;
    const { key } = await client.infer(messages, {}, { cache: "no-store" });
    hearWarnings();
    const locks = path.replace(/\.sqlite$/, ".locks");
    const victim = temporaryDirectory();
    writeFileSync(join(victim, "precious"), "theirs");
    mkdirSync(locks, { recursive: true });
    symlinkSync(victim, join(locks, createHash("sha256").update(key).digest("hex")));

    expect(await client.infer(messages)).toMatchObject({ response: rightAnswer("../../Hi") });
    expect(readdirSync(victim)).toEqual(["precious"]);
    expect(readFileSync(join(victim, "precious"), "utf8")).toBe("theirs");
    for (const name of readdirSync(locks)) expect(name).toMatch(/^(cache|maintenance|[0-9a-f]{64}|\.[0-9a-f-]+)$/);
  });

  test("a link in place of the lock directory removes nothing from its target", async () => {
    const path = temporaryFile();
    const victim = temporaryDirectory();
    mkdirSync(join(victim, "maintenance"));
    writeFileSync(join(victim, "maintenance", "precious"), "theirs");
    symlinkSync(victim, path.replace(/\.sqlite$/, ".locks"));
    const { client } = open({ provider: echo(), store: `sqlite:${path}` });
    hearWarnings();
    expect(await ask(client, "Hi")).toMatchObject({ response: rightAnswer("Hi") });
    expect(readFileSync(join(victim, "maintenance", "precious"), "utf8")).toBe("theirs");
  });
});

describe("no stored byte, error, event, warning or log contains", () => {
  const apiKey = "sk-proj-0123456789abcdefghijABCDEFGHIJ";
  /** Everything that a client reports about its calls. */
  function eavesdrop() {
    const heard: unknown[] = [];
    const write = (...args: unknown[]) => void heard.push(...args);
    return { heard, options: { logger: { debug: write, warn: write, error: write }, onEvent: write } };
  }
  const text = (value: unknown) => inspect(value, { depth: 20, showHidden: true, getters: true }) + String(value);

  const echoes = {
    "a 401 that repeats the key": {
      status: 401,
      body: { error: { message: `Incorrect API key: ${apiKey}`, code: apiKey } },
    },
    "a 500 of plain text": { status: 500, body: `Authorization: Bearer ${apiKey}` },
    "a 200 with an error": { body: { error: { message: `no such key ${apiKey}`, param: apiKey } } },
    "a 200 that is no JSON": { body: `Bearer ${apiKey}` },
    "a header": { status: 403, headers: { "x-request-id": apiKey, "www-authenticate": `Bearer ${apiKey}` } },
    "a 400 that repeats it percent-encoded": {
      status: 400,
      body: { error: { message: `?key=${percentEncoded(apiKey)} is unknown`, param: encodeURIComponent(apiKey) } },
    },
    "a redirect": { status: 307, headers: { location: `https://example.invalid/?key=${apiKey}` } },
  };
  test.each(Object.entries(echoes))("the provider's key, in %s", async (_, fault) => {
    const warnings = hearWarnings();
    const server = await startServer();
    const path = temporaryFile();
    const { heard, options } = eavesdrop();
    const provider = openaiProvider({ baseURL: server.baseURL, apiKey, maxRetries: 0 });
    const client = createRemem({ provider, store: `sqlite:${path}`, ...options });
    server.script([fault]);
    const error = await ask(client, "Hi").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    await ask(client, "Hi");
    await client.close();
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}`);
    const seen = text([error, (error as Error).stack, heard, warnings.texts, client]);
    for (const form of [apiKey, percentEncoded(apiKey)]) expect(seen).not.toContain(form);
    expect(heard.length).toBeGreaterThan(0);
    for (const file of filesIn(dirname(path))) expect(readFileSync(file, "latin1"), file).not.toContain(apiKey);
  });

  test("the password in the URL of a provider, which is refused", () => {
    let error: unknown;
    try {
      createRemem({ baseURL: "http://user:correct-horse-battery@127.0.0.1/v1", apiKey, store: "memory:" });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining("baseURL") });
    expect(text(error)).not.toContain("correct-horse-battery");
  });

  const password = "correct-horse-battery";
  /** A port without a server. */
  async function closedPort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
  }
  /** Everything visible of a client over this store: errors of its creation, and errors and reports of its calls. */
  async function tried(store: string | CacheStore): Promise<string> {
    const warnings = hearWarnings();
    const { heard, options } = eavesdrop();
    const seen: unknown[] = [heard];
    try {
      for (const onStoreError of ["bypass", "throw"] as const) {
        const client = createRemem({ provider: echo(), store, onStoreError, ...options });
        const messages = [{ role: "user", content: "Hi" }] as const;
        const outcomes = await Promise.allSettled([
          client.infer(messages),
          client.has(messages),
          client.delete(messages),
          client.close(),
        ]);
        seen.push(outcomes);
      }
    } catch (error) {
      seen.push(error, (error as Error).stack);
    }
    return text([seen, warnings.texts]);
  }

  const addresses = [
    "redis://user:PW@HOST",
    "redis://:PW@HOST",
    "redis://PW@HOST",
    "REDIS://user:PW@HOST",
    "rediss://user:PW@HOST",
    "redis://user:PW@HOST/7",
    "redis://user:PW@HOST/no-database",
    "redis://user:PW@HOST?protocol=3",
    "redis://user:PW@HOST#fragment",
    "redis://user:PW%@HOST",
    "redis://user:%zzPW@HOST",
    "redis://%zz:PW@HOST",
    "redis://user:PW%40home@HOST",
    "redis://user:PW@home@HOST",
    "redis://user:a/PW@HOST",
    "redis://user:a?PW@HOST",
    "redis://user:a#PW@HOST",
    "redis://user:PW @HOST",
    "redis://user:PW@127.0.0.1:99999",
    "redis://user:PW@[::1",
    "redis:user:PW@HOST",
    "redis:/user:PW@HOST",
    "redis:///user:PW@HOST",
    " redis://user:PW@HOST",
    "redis+sentinel://user:PW@HOST/mymaster",
    "postgres://user:PW@HOST/db",
    "user:PW@HOST",
    "//user:PW@HOST",
    "sqlite://user:PW@HOST/cache.sqlite",
    "sqlite:redis://user:PW@HOST",
    "memory://user:PW@HOST",
    "HOST?password=PW",
  ];
  test.each(addresses)(
    "the password in the URL of a store, %s, given as an option and in REMEM_STORE",
    async (form) => {
      const address = form.replaceAll("PW", password).replaceAll("HOST", `127.0.0.1:${await closedPort()}`);
      const cwd = temporaryDirectory();
      expect(await tried(address)).not.toContain(password);

      const env = {
        ...process.env,
        REMEM_STORE: address,
        OPENAI_API_KEY: "sk-test",
        OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
      };
      const run = promisify(execFile)(process.execPath, [cli, "ask", "Hi", "--cache", "only-if-cached"], { cwd, env });
      const { stdout, stderr } = await run.catch((error) => error as { stdout: string; stderr: string });
      expect(stdout + stderr).not.toContain(password);
      expect(stderr).not.toBe("");
      expect(filesIn(cwd).join()).not.toContain(password);
    },
  );

  test("a password that is not percent-encoded, which the built command refuses before anything is paid for", async () => {
    const server = await startServer();
    const env = { ...process.env, OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: server.baseURL };
    const run = promisify(execFile)(
      process.execPath,
      [cli, "ask", "Hi", "--store", `redis://user:${password}%zz@127.0.0.1`],
      {
        env,
      },
    );
    const { code, stderr } = await run.then(
      () => expect.fail("it was taken"),
      (error: { code: number; stderr: string }) => error,
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining("percent-encoded")]);
    expect(server.calls).toBe(0);
  });

  test("the password in a misspelt option of the command", async () => {
    const failed = promisify(execFile)(process.execPath, [cli, "ask", "Hi", `--stroe=redis://user:${password}@host`]);
    const { stderr } = await failed.catch((error) => error as { stderr: string });
    expect(stderr).toContain("--stroe=redis://[redacted]@host");
    expect(stderr).not.toContain(password);
  });

  test.skipIf(!canStartRedis).each<[string, readonly string[], string]>([
    ["refuses it", ["--requirepass", "another"], password],
    ["has no such command, and repeats its arguments", ["--rename-command", "AUTH", ""], password],
    ["repeats it as sent", ["--rename-command", "AUTH", ""], "correct horse+battery/staple"],
  ])("the password of a Redis that %s", async (_, flags, secret) => {
    const { port } = await redisFor(() => flags);
    const seen = await tried(`redis://user:${encodeURIComponent(secret)}@127.0.0.1:${port}`);
    expect(seen).toContain(`127.0.0.1:${port}`);
    for (const form of [secret, encodeURIComponent(secret)]) expect(seen).not.toContain(form);
  });

  test("the password in the errors of a third-party store", async () => {
    const url = `mongodb://user:${password}@127.0.0.1/db`;
    const fail = async (): Promise<never> => {
      throw Object.assign(new TypeError("Invalid URL"), { input: url, options: { url }, cause: new Error(url) });
    };
    const theirs: CacheStore = {
      specVersion: 1,
      name: "theirs",
      get: fail,
      set: fail,
      delete: fail,
      clear: fail,
      close: fail,
    };
    expect(await tried(theirs)).not.toContain(password);
  });

  test("a prompt, except for the store", async () => {
    const server = await startServer();
    const { heard, options } = eavesdrop();
    const provider = openaiProvider({ baseURL: server.baseURL, apiKey, maxRetries: 0 });
    const client = createRemem({ provider, store: "memory:", ...options });
    server.script([{ status: 500 }]);
    const error = await ask(client, "my private question").catch((error: unknown) => error);
    await ask(client, "my private question");
    await ask(client, "my private question");
    await client.close();
    expect(text([error, heard])).not.toContain("my private question");
  });
});

const cli = fileURLToPath(new URL("../../../cli/bin/remem.js", import.meta.url));

/** Encodes every byte, as some servers do. */
function percentEncoded(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

describe("limits", () => {
  test("an answer that is too large for an entry is returned, and not stored", async () => {
    const path = temporaryFile();
    const provider = fakeProvider("0123456789".repeat(1_000_000));
    const { client, events } = open({ provider, store: `sqlite:${path}` });
    for (let call = 0; call < 2; call++) {
      const { source, response } = await ask(client, "Hi");
      expect([source, response.length]).toEqual(["provider", 10_000_000]);
    }
    expect(events.filter(({ type }) => type === "not-admitted")).toHaveLength(2);
    const { client: generous } = open({ provider, store: `sqlite:${path}`, maxEntryBytes: 16 * 1024 * 1024 });
    await ask(generous, "Hi");
    expect((await ask(generous, "Hi")).source).toBe("store");
  });

  test("a response that is too large is refused, counted after decompression, and the limit is adjustable", async () => {
    const server = await startServer();
    const { baseURL } = server;
    const provider = openaiProvider({ baseURL, apiKey: "sk-test", maxRetries: 0, maxResponseBytes: 100 });
    const { client } = open({ provider, store: "memory:" });
    await expect(ask(client, "Hi")).rejects.toMatchObject({ message: expect.stringContaining("maxResponseBytes") });
    const { client: generous } = open({ baseURL, apiKey: "sk-test", store: "memory:" });
    expect(await ask(generous, "Hi")).toMatchObject({ source: "provider" });
  });
});
