import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./run.ts";

const ANSWER = "The Vistula.";

/** What the servers of these kinds answer whole, by the end of the address. */
const ANSWERS: ReadonlyArray<readonly [address: RegExp, answer: object]> = [
  [
    /\/chat\/completions$/,
    {
      id: "1",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: ANSWER } }],
      usage: { prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 },
    },
  ],
  [
    /\/responses$/,
    {
      id: "resp_1",
      object: "response",
      created_at: 1,
      status: "completed",
      model: "m",
      output: [
        {
          id: "msg_1",
          type: "message",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: ANSWER, annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 4,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 3,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 7,
      },
    },
  ],
  [
    /\/messages$/,
    {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [{ type: "text", text: ANSWER }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 4, output_tokens: 3 },
    },
  ],
  [
    /:generateContent$/,
    {
      candidates: [{ index: 0, content: { role: "model", parts: [{ text: ANSWER }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 3, totalTokenCount: 7 },
    },
  ],
  // One line, also where a stream is asked for.
  [
    /\/api\/chat$/,
    { model: "m", message: { role: "assistant", content: ANSWER }, done: true, done_reason: "stop", eval_count: 3 },
  ],
];

let calls = 0;
const server = createServer(async (request, response) => {
  calls += 1;
  await json(request);
  const { pathname } = new URL(request.url!, "http://localhost");
  const answer = ANSWERS.find(([address]) => address.test(pathname))?.[1];
  response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(`${JSON.stringify(answer ?? { error: { message: pathname } })}\n`);
});
beforeAll(async () => void (await once(server.listen(0, "127.0.0.1"), "listening")));
afterAll(() => void server.close());

const names = readdirSync(new URL("../src/clients/", import.meta.url)).map((file) => basename(file, ".ts"));

test.each(names)("clients/%s answers the second call from the store, and the next process both", async (name) => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = fileURLToPath(new URL(`../dist/clients/${name}.js`, import.meta.url));
  const env = {
    OPENAI_BASE_URL: `${origin}/v1`,
    OPENAI_API_KEY: "sk-test",
    AZURE_OPENAI_ENDPOINT: origin,
    AZURE_OPENAI_API_KEY: "k",
    OPENAI_API_VERSION: "2024-10-21",
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_API_KEY: "k",
    GOOGLE_GEMINI_BASE_URL: origin,
    GOOGLE_API_KEY: "k",
    GROQ_BASE_URL: origin,
    GROQ_API_KEY: "k",
    MISTRAL_BASE_URL: origin,
    MISTRAL_API_KEY: "k",
    OLLAMA_BASE_URL: origin,
  };
  const cwd = temporaryDirectory();
  const before = calls;
  const said = `first call: ${ANSWER}\nsecond call: ${ANSWER}\n`;
  expect(await run(process.execPath, [file], { cwd, env })).toEqual({
    status: 0,
    out: `${said}1 hits, 1 misses\n`,
    err: "",
  });
  expect((await run(process.execPath, [file], { cwd, env })).out).toBe(`${said}2 hits, 0 misses\n`);
  expect(calls).toBe(before + 1);
});

test("each client that the page of cachedFetch names has an example", () => {
  const page = readFileSync(new URL("../../../packages/fetch/README.md", import.meta.url), "utf8");
  const table = page.slice(page.indexOf("## The line for each client"), page.indexOf("## What is cached"));
  const packages = [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );
  expect(packages.length).toBeGreaterThan(10);
  const sources = ["cached-fetch", ...names.map((name) => `clients/${name}`)].map((name) =>
    readFileSync(new URL(`../src/${name}.ts`, import.meta.url), "utf8"),
  );
  const missing = packages.filter((name) => !sources.some((source) => source.includes(`from "${name}"`)));
  expect(missing).toEqual([]);
});
