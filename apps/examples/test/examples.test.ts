import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheKey } from "@remem/core";
import { connectTo } from "@remem/test-support/database";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { run } from "./run.ts";

const sources = new URL("../src/", import.meta.url);
let redis: RedisServer;
let server: CompletionsServer;
let directory: string;

beforeAll(async () => {
  if (canStartRedis) redis = await startRedis();
});
afterAll(() => redis?.stop());

beforeEach(async () => {
  server = await completionsServer();
  directory = temporaryDirectory();
  onTestFinished(() => server.close());
});

const tested = new Set(["demo", "swap-stores", "clients"]); // Tested in separate files.

/** A test that runs an example as a user would. `play` returns the output, with `…` for the texts of the server. */
function example(name: string, shows: string, act: (play: () => Promise<string>) => Promise<void>, skip = false): void {
  tested.add(name);
  const file = fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
  async function play(): Promise<string> {
    const { status, out, err } = await run(process.execPath, [file], {
      cwd: directory,
      env: {
        OPENAI_BASE_URL: server.baseURL,
        OPENAI_API_KEY: "sk-test",
        AZURE_OPENAI_ENDPOINT: new URL(server.baseURL).origin,
        OPENAI_API_VERSION: "2024-10-21",
        AZURE_OPENAI_API_KEY: "azure-test",
        ...(canStartRedis && { REDIS_URL: redis.url }),
      },
    });
    expect({ status, err }).toEqual({ status: 0, err: "" });
    return out.replaceAll(/: .*\(Reference .*?\)/g, ": …");
  }
  test.skipIf(skip)(`${name} ${shows}`, () => act(play));
}

example("first-call", "pays for the very first call only", async (play) => {
  expect(await play()).toBe("first call, from the provider: …\nsecond call, from the store: …\n");
  expect(await play()).toBe("first call, from the store: …\nsecond call, from the store: …\n");
  expect(server.calls).toBe(1);
});

example("streams", "gives the chunks of the server, and then of the store", async (play) => {
  const fromStore = "second call: …\nfrom the store, with its usage\n";
  expect(await play()).toBe(`first call: …\nfrom the provider, with its usage\n${fromStore}`);
  expect(await play()).toBe(`first call: …\nfrom the store, with its usage\n${fromStore}`);
  expect(server.calls).toBe(1);
  expect(server.requests[0]?.body).toMatchObject({ stream: true });
});

example("cached-fetch", "answers the second call of the SDK from the store", async (play) => {
  expect(await play()).toBe("first call: …\n0 hits, 1 misses\nsecond call: …\n1 hits, 1 misses\n");
  expect(server.calls).toBe(1);
});

example(
  "batch-with-progress",
  "answers in order, pays for identical questions once, and reports progress",
  async (play) => {
    const first = await play();
    expect(first).toMatch(/^1 of 5 \(0 hits\)\n(\d of 5 \(0 hits\)\n){3}5 of 5 \(0 hits\)\n/);
    const answers = "Rhine: …\nDanube: …\nLoire: …\nRhine: …\nTagus: …\n";
    expect(first).toContain(`${answers}4 calls were paid for\n`);
    const second = await play();
    expect(second).toContain("5 of 5 (5 hits)\n");
    expect(second).toContain(`${answers}0 calls were paid for\n`);
    expect(server.calls).toBe(4);
  },
);

example("json-mode", "returns JSON without its fence, also from the store", async (play) => {
  const content = '```json\n{ "name": "Oslo", "inhabitants": 717710 }\n```';
  server.script([{ body: { id: "1", model: "m", created: 1, choices: [choice({ content })] } }]);
  expect(await play()).toBe("Oslo has 717710 inhabitants (paid for)\n");
  expect(await play()).toBe("Oslo has 717710 inhabitants (read)\n");
  expect(server.calls).toBe(1);
});

example(
  "structured-output",
  "asks again for an answer that is no city, and reads the next one back typed",
  async (play) => {
    const answer = (content: string) => ({
      body: { id: "1", model: "m", created: 1, choices: [choice({ content })] },
    });
    server.script([answer('{"name":"Oslo"}'), answer('{"name":"Oslo","inhabitants":717710}')]);
    expect(await play()).toBe("Oslo has 717710 inhabitants (paid for)\n");
    expect(await play()).toBe("Oslo has 717710 inhabitants (read)\n");
    expect(server.calls).toBe(2);
  },
);

example("azure", "calls the deployment, and stores the results of the content filter", async (play) => {
  const filter = "violence, by Azure's content filter: safe\n";
  expect(await play()).toBe(`from the provider: …\n${filter}`);
  expect(await play()).toBe(`from the store: …\n${filter}`);
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21",
  ]);
});

example(
  "qwen-thinking",
  "separates answers with and without thinking, and the reasoning from the answer",
  async (play) => {
    // The format of vLLM with a reasoning parser.
    const thinking = choice({ content: "\n\nThree.", reasoning: "\ns-t-r-a-w-b-e-r-r-y\n", tool_calls: [] });
    const plain = choice({ content: "Two.", reasoning: null, tool_calls: [] });
    const completion = { id: "chatcmpl-1", object: "chat.completion", created: 1, model: "Qwen/Qwen3-8B" };
    server.script([thinking, plain].map((choice) => ({ body: { ...completion, choices: [choice] } })));
    const printed = await play();
    expect(printed).toMatch(/^from the provider: \s*Three\. \(thought: \s*s-t-r-a-w-b-e-r-r-y\s*\)$/m);
    expect(printed).toMatch(/^from the provider: Two\. \(thought: nothing\)$/m);
    expect(await play()).toBe(printed.replaceAll("provider", "store"));
    expect(server.requests.map(({ body }) => body)).toMatchObject(
      [true, false].map((enable_thinking) => ({ chat_template_kwargs: { enable_thinking } })),
    );
  },
);

example(
  "redis",
  "finds the answer in the next process",
  async (play) => {
    expect(await play()).toBe("from the provider: …\n");
    expect(await play()).toBe("from the store: …\n");
    expect(server.calls).toBe(1);
  },
  !canStartRedis,
);

example("any-keyv", "reads the second answer from the Keyv", async (play) => {
  expect(await play()).toBe("first call, from the provider: …\nsecond call, from the store: …\n");
  expect(server.calls).toBe(1);
});

example("cache-openai", "answers from the file of the Python class, and adds to it", async (play) => {
  keepInOriginalFile("What is the capital of France?", "Paris.");
  expect(await play()).toBe("hit: Paris. (14 tokens asked)\nmiss: … (12 tokens asked)\n");
  expect(await play()).toBe("hit: Paris. (14 tokens asked)\nhit: … (12 tokens asked)\n");
  expect(server.calls).toBe(1);
});

example("tiered", "reads the slower store only for the first call", async (play) => {
  const outcome = (first: string): RegExp =>
    new RegExp(
      `^first call, from the ${first} \\((\\d) (reads of sqlite so far)\\): …\n` +
        "second call, from the store \\(\\1 \\2\\): …\nthird call, from the store \\(\\1 \\2\\): …\n$",
    );
  expect(await play()).toMatch(outcome("provider"));
  expect(await play()).toMatch(outcome("store"));
  expect(server.calls).toBe(1);
});

example("own-provider", "uses only `fetch`, and its answers are cached", async (play) => {
  expect(await play()).toBe("from the provider: …\n");
  expect(await play()).toBe("from the store: …\n");
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer sk-test"]);
});

example("own-store", "reads the second answer from the Map", async (play) => {
  expect(await play()).toBe("first call, from the provider: …\nsecond call, from the store: …\n");
  expect(server.calls).toBe(1);
});

test("every example is run by a test", () => {
  expect(readdirSync(sources).map((file) => basename(file, ".ts"))).toEqual([...tested].toSorted());
});

function choice(message: Readonly<Record<string, string | null | readonly never[]>>) {
  return { index: 0, finish_reason: "stop", message: { role: "assistant", ...message } };
}

/** Creates a file that the Python class has written, with one more row in its format. */
function keepInOriginalFile(question: string, answer: string): void {
  const name = "gpt-4o-mini_cache.sqlite";
  const file = join(directory, "llm_cache", name);
  mkdirSync(join(directory, "llm_cache"));
  copyFileSync(new URL(`../../../packages/sqlite/test/golden/${name}`, import.meta.url), file);
  const messages = [{ role: "user", content: question }] as const;
  const metadata = {
    prompt: messages,
    response: answer,
    prompt_tokens: 14,
    completion_tokens: 2,
    finish_reason: "stop",
  };
  const database = connectTo(file);
  database
    .prepare("INSERT INTO cache VALUES (?, ?, ?)")
    .run(cacheKey({ model: "gpt-4o-mini", seed: 0, temperature: 0, messages }), answer, JSON.stringify(metadata));
  database.close();
}
