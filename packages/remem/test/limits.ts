import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { CacheOpenAI, createRemem, type Logger, type RememEvent, type RememOptions } from "../src/index.ts";

const messages = [{ role: "user", content: "Hi" }] as const;
/** Short enough for a test; some versions read 0 as "use the default". */
const SOON = { "retry-after-ms": "1" };

const SILENT: Logger = { debug() {}, warn() {}, error() {} };

interface Limits {
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
}

/** Tests limits and advice with the version of the SDK that the provider loads. */
export function testLimits(sdk: 6 | 7): void {
  let server: CompletionsServer;
  beforeEach(async () => {
    server = await completionsServer();
    vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
    vi.stubEnv("OPENAI_API_KEY", "sk-test");
    vi.stubEnv("REMEM_STORE", "");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });

  const FACADES = {
    createRemem(options: RememOptions) {
      const client = createRemem({ store: "memory:", ...options });
      onTestFinished(() => client.close());
      return client;
    },
    CacheOpenAI(options: Limits) {
      const client = new CacheOpenAI({ cacheDir: temporaryDirectory(), logger: SILENT, ...options });
      onTestFinished(() => client.close());
      return client;
    },
  };

  describe.each(Object.keys(FACADES) as Array<keyof typeof FACADES>)("%s:", (name) => {
    const ask = (limits: Limits = {}) => {
      const client: Pick<CacheOpenAI, "infer"> = FACADES[name](limits);
      return client.infer(messages);
    };

    test(`openai ${sdk} sends the requests`, async () => {
      await ask();
      expect(server.requests[0]?.headers["x-stainless-package-version"]).toMatch(new RegExp(`^${sdk}\\.`));
    });

    test.each(["headers", "body"] as const)(
      "timeoutMs limits an attempt that stalls before its %s end",
      async (stall) => {
        server.script([{ stall }]);
        await expect(ask({ timeoutMs: 200, maxRetries: 0 })).rejects.toMatchObject({
          code: "PROVIDER_TIMEOUT",
          retryable: true,
          message: expect.stringMatching(/200 ms.*`timeoutMs`/),
        });
        expect(server.calls).toBe(1);
      },
    );

    test("maxRetries limits the retries, and is 5 by default", async () => {
      const busy = { status: 503, headers: SOON };
      server.script([busy, busy]);
      await expect(ask({ maxRetries: 1 })).rejects.toMatchObject({ status: 503, retryable: true });
      expect(server.calls).toBe(2);
      server.script([busy, busy, busy, busy, busy]);
      expect((await ask()).source).toBe("provider");
      expect(server.calls).toBe(8);
      server.script([busy]);
      await expect(ask({ maxRetries: 0 })).rejects.toMatchObject({ status: 503 });
      expect(server.calls).toBe(9);
    });

    test("advice names the options of the function that was called", async () => {
      const [address, model] = name === "CacheOpenAI" ? ["`llmBaseUrl`", "`llmName`"] : ["`baseURL`", "`model`"];
      server.script([{ status: 404 }, { body: "<html>" }]);
      await expect(ask()).rejects.toThrow(`Check ${model} and ${address}.`);
      await expect(ask()).rejects.toThrow(`Check ${address}.`);
      vi.stubEnv("OPENAI_API_KEY", "");
      await expect(ask()).rejects.toThrow(`pass \`apiKey\` to ${name}`);
    });
  });

  test("an answer that is not whole is served and reported", async () => {
    const reported: RememEvent[] = [];
    const client = FACADES.createRemem({ onEvent: (event) => event.type === "not-admitted" && reported.push(event) });
    const choices = [{ index: 0, finish_reason: "sensitive", message: { role: "assistant", content: "Partly" } }];
    server.script([{ body: { id: "1", object: "chat.completion", created: 1, model: "m", choices } }]);
    expect((await client.infer(messages)).response).toBe("Partly");
    expect(reported).toMatchObject([{ reason: "finish-reason" }]);
    expect(client.stats().notStored).toEqual({ "finish-reason": 1 });
    expect((await client.infer(messages)).source).toBe("provider");
  });
}
