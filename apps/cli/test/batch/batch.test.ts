import { once } from "node:events";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { question, SDKS, workspace } from "../support/remem.ts";

const figure = (summary: string, name: string) => new RegExp(`^${name} +(.*)$`, "m").exec(summary)?.[1];

test("answers are written in the order of the lines, and a second run makes no calls", async () => {
  const { write, read, remem, server } = await workspace();
  const names = Array.from({ length: 40 }, (_, index) => `q${index % 30}`);
  write(
    "in.jsonl",
    names.map((name, index) => question(name, { id: index })),
  );
  const first = await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  expect(first.status).toBe(0);
  expect(figure(first.err, "provider calls")).toBe("30");
  const answers = read("out.jsonl");
  expect(answers.map(({ id }) => id)).toEqual(names.map((_, index) => index));
  for (const [index, answer] of answers.entries()) {
    expect(answer.response).toContain(`“${names[index]}”`);
    expect(Object.keys(answer)).toEqual(["id", "response", "metadata", "cache_hit", "key"]);
    expect(answer.metadata).toMatchObject({ finish_reason: "stop" });
    expect(answer.metadata).not.toHaveProperty("prompt");
  }
  expect(answers.filter(({ cache_hit: hit }) => hit === true).length).toBe(10);

  const second = await remem(["batch", "in.jsonl", "-o", "again.jsonl"]);
  expect(second.status).toBe(0);
  expect(server.calls).toBe(30);
  expect(figure(second.err, "provider calls")).toBe("0");
  expect(figure(second.err, "hits")).toBe("40");
  expect(figure(second.err, "tokens saved")).not.toBe("0 in, 0 out");
  expect(read("again.jsonl")).toEqual(answers.map((answer) => ({ ...answer, cache_hit: true })));
});

test("a failure becomes an error record in its place, the rest is answered, and the exit status is 1", async () => {
  const { write, read, remem, server } = await workspace();
  server.script([{ status: 400, body: { error: { message: "too odd", type: null, param: null, code: null } } }]);
  const lines = [
    "{ not json",
    "[1]",
    question("bad temperature", { temperature: "hot", id: "t" }),
    "",
    "   ",
    { id: "m", messages: 5 },
    question("fine"),
  ];
  write("in.jsonl", lines);
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "1"]);
  expect(run.status).toBe(1);
  expect(figure(run.err, "failed")).toBe("4");
  expect(run.err).toMatch(/^remem: 4 failed; first failure: Line 1 is not JSON/m);
  expect(read("out.jsonl")).toEqual([
    { error: { code: "INVALID_REQUEST", message: expect.stringMatching(/^Line 1 is not JSON: /) }, cache_hit: false },
    { error: { code: "INVALID_REQUEST", message: "Line 2 is not a JSON object." }, cache_hit: false },
    {
      id: "t",
      error: { code: "PROVIDER_ERROR", message: expect.stringContaining("too odd"), status: 400 },
      cache_hit: false,
      key: expect.any(String),
    },
    { id: "m", error: { code: "INVALID_REQUEST", message: expect.stringContaining("/messages") }, cache_hit: false },
    expect.objectContaining({ response: expect.stringContaining("“fine”") }),
  ]);
});

test("lines of OpenAI's Batch format are answered in that format", async () => {
  const { write, read, remem, server } = await workspace();
  server.script([{}, { status: 404 }]);
  const body = { ...question("Hi"), model: "gpt-4o" };
  const line = (custom_id: string, members: object = {}) => ({
    custom_id,
    method: "POST",
    url: "/v1/chat/completions",
    body,
    ...members,
  });
  write("in.jsonl", [
    line("a"),
    line("b", { body: { ...body, seed: 1 } }),
    line("a again"),
    line("c", { url: "/v1/embeddings" }),
    line("d", { method: "GET" }),
    line("e", { body: "Hi" }),
  ]);
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "1"]);
  expect(run.status).toBe(1);
  const [a, b, again, ...bad] = read("out.jsonl");
  expect(a).toEqual({
    id: "batch_req_1",
    custom_id: "a",
    response: {
      status_code: 200,
      request_id: expect.any(String),
      body: expect.objectContaining({ object: "chat.completion", model: "gpt-4o" }),
    },
    error: null,
    cache_hit: false,
  });
  expect(again).toEqual({ ...a, id: "batch_req_3", custom_id: "a again", cache_hit: true });
  expect(b).toMatchObject({
    custom_id: "b",
    response: { status_code: 404, body: { error: { message: expect.any(String) } } },
    error: { code: "PROVIDER_ERROR" },
    cache_hit: false,
  });
  expect(bad).toMatchObject([
    { custom_id: "c", response: null, error: { message: expect.stringMatching(/Line 4 .*embeddings/) } },
    { custom_id: "d", response: null, error: { message: expect.stringMatching(/Line 5 .*GET/) } },
    { custom_id: "e", response: null, error: { message: expect.stringMatching(/Line 6 .*body/) } },
  ]);
  expect(server.requests[0]?.body).toEqual(body);
});

test.each([
  "/v1/chat/completions",
  "/chat/completions",
  "/v1/chat/completions/",
  "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
  "https://api.openai.com/v1/chat/completions",
])("the url %s of a Batch line is that of chat completions", async (url) => {
  const { remem } = await workspace();
  const line = { custom_id: "a", method: "POST", url, body: question("Hi", { model: "m" }) };
  const { status, out } = await remem(["batch", "-"], `${JSON.stringify(line)}\n`);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ custom_id: "a", response: { status_code: 200 }, error: null });
});

test("a line of the Batch format that cannot be read has its custom_id and a response, as far as it can be read", async () => {
  const { remem, server } = await workspace();
  const lines = [
    '{"custom_id": "a \\"b\\"", "method": "POST", "url": "/v1/chat/completions", "body": {"mod',
    '{"custom_id": 12, "body": {]}',
    '{"custom_id": "cut',
    "{ not json",
  ];
  const { status, out } = await remem(["batch", "-"], lines.join("\n"));
  expect({ status, calls: server.calls }).toEqual({ status: 1, calls: 0 });
  const records = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const error = { code: "INVALID_REQUEST", message: expect.stringMatching(/^Line \d is not JSON/) };
  expect(records).toEqual([
    { id: "batch_req_1", custom_id: 'a "b"', response: null, error, cache_hit: false },
    { id: "batch_req_2", custom_id: 12, response: null, error, cache_hit: false },
    { id: "batch_req_3", custom_id: null, response: null, error, cache_hit: false },
    { error, cache_hit: false },
  ]);
});

test("--provider azure asks the deployment at --base-url, with advice for Azure", async () => {
  const { remem, server } = await workspace();
  const origin = new URL(server.baseURL).origin;
  const env = { OPENAI_BASE_URL: "http://127.0.0.1:9", OPENAI_API_VERSION: "2024-10-21", AZURE_OPENAI_API_KEY: "k" };
  const run = ["batch", "-", "--provider", "azure", "--model", "my-gpt"];
  const line = JSON.stringify(question("Hi"));
  expect((await remem([...run, "--base-url", origin], line, env)).status).toBe(0);
  expect(server.requests[0]?.url).toBe("/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21");
  server.script([{ status: 401 }]);
  const refused = await remem([...run, "--base-url", origin, "--cache", "reload"], line, env);
  expect(refused.err).toMatch(/Check the environment variable AZURE_OPENAI_API_KEY/);
  const nowhere = await remem(run, line, env);
  expect(nowhere).toMatchObject({
    status: 2,
    err: expect.stringMatching(/give --base-url, or set AZURE_OPENAI_ENDPOINT/),
  });
});

test("--concurrency auto asks more at a time, as long as the server answers faster", async () => {
  const { write, remem, server } = await workspace({ latencyMs: 100 });
  write(
    "in.jsonl",
    Array.from({ length: 200 }, (_, index) => question(`q${index}`)),
  );
  const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "auto"]);
  expect({ status, calls: server.calls }).toEqual({ status: 0, calls: 200 });
  expect(figure(err, "answered")).toBe("200");
});

test("a Batch record of a 200 without choices has no response, and always its custom_id", async () => {
  const { remem, server } = await workspace();
  server.script([{ body: { id: "1", choices: [] } }]);
  const line = { custom_id: "a", method: "POST", url: "/v1/chat/completions", body: question("Hi", { model: "m" }) };
  const { out } = await remem(["batch", "-"], `${JSON.stringify(line)}\n`);
  expect(JSON.parse(out)).toMatchObject({ custom_id: "a", response: null, error: { code: "MALFORMED_ANSWER" } });
});

test("the lines in the README are answered as it documents", async () => {
  const page = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, lines = ""] = /^```jsonl\n(.*?)^```$/ms.exec(page) ?? [];
  const { remem } = await workspace();
  const { status, out } = await remem(["batch", "-"], lines);
  expect(status).toBe(0);
  const [plain, batch] = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(Object.keys(plain)).toEqual(["id", "response", "metadata", "cache_hit", "key"]);
  expect(batch).toMatchObject({ custom_id: "q2", response: { status_code: 200 }, error: null, cache_hit: false });
});

test("tool calls are part of the record", async () => {
  const { write, read, remem } = await workspace();
  const tools = [
    {
      type: "function",
      function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
    },
  ];
  write("in.jsonl", [question("Weather in Paris?", { tools })]);
  await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  expect(read("out.jsonl")).toMatchObject([{ response: "", tool_calls: [{ function: { name: "weather" } }] }]);
});

test("everything that was paid for is in the record: a refusal, a function call, all choices, the usage", async () => {
  const { write, read, remem, server } = await workspace();
  const usage = {
    prompt_tokens: 1,
    completion_tokens: 2,
    total_tokens: 3,
    completion_tokens_details: { reasoning_tokens: 1 },
  };
  const answer = (...messages: object[]) => ({
    body: {
      id: "1",
      object: "chat.completion",
      created: 1,
      model: "m",
      usage,
      choices: messages.map((message, index) => ({
        index,
        finish_reason: "stop",
        message: { role: "assistant", content: null, ...message },
      })),
    },
  });
  server.script([
    answer({ refusal: "No." }),
    answer({ function_call: { name: "f", arguments: "{}" } }),
    answer({ content: "one", reasoning_content: "Hm." }, { content: "two" }),
  ]);
  write("in.jsonl", [question("a"), question("b"), question("c", { n: 2 })]);
  await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "1"]);
  expect(read("out.jsonl")).toMatchObject([
    { response: "", refusal: "No.", metadata: { usage } },
    { response: "", function_call: { name: "f", arguments: "{}" } },
    {
      response: "one",
      metadata: { reasoning: "Hm.", usage },
      choices: [{ message: { content: "one" } }, { message: { content: "two" } }],
    },
  ]);
});

test("- is standard input and output, and only records are written there", async () => {
  const { remem } = await workspace();
  const input = `\ufeff${JSON.stringify(question("one \u2028 line"))}\r\n${JSON.stringify(question("two"))}`;
  const { status, out, err } = await remem(["batch", "-", "--with-prompt"], input);
  expect(status).toBe(0);
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).metadata.prompt[0].content),
  ).toEqual(["one \u2028 line", "two"]);
  expect(figure(err, "answered")).toBe("2");
});

test("an answer is written before the next line arrives", async () => {
  const { start } = await workspace();
  const command = start(["batch", "-"]);
  command.stdin?.write(`${JSON.stringify(question("first"))}\n`);
  const [chunk] = await once(command.stdout!, "data");
  expect(JSON.parse(String(chunk)).response).toContain("“first”");
  command.stdin?.end(`${JSON.stringify(question("second"))}\n`);
  expect((await command.ended).status).toBe(0);
});

test("flags set the model, params, store, mode and server; a line's own take precedence", async () => {
  const { write, read, remem, server, directory } = await workspace();
  write("in.jsonl", [question("a"), question("b", { model: "own", temperature: 1 })]);
  const flags = [
    "--model",
    "flag",
    "--param",
    "temperature=0",
    "--param",
    'stop=["END"]',
    "--store",
    "sqlite:kept.sqlite",
  ];
  const run = await remem([
    "batch",
    "in.jsonl",
    "-o",
    "out.jsonl",
    ...flags,
    "--base-url",
    server.baseURL,
    "--concurrency",
    "1",
  ]);
  expect(run.status).toBe(0);
  expect(server.requests.map(({ body }) => body)).toMatchObject([
    { model: "flag", temperature: 0, stop: ["END"] },
    { model: "own", temperature: 1, stop: ["END"] },
  ]);
  expect(existsSync(join(directory, "kept.sqlite"))).toBe(true);
  expect(existsSync(join(directory, "llm_cache"))).toBe(false);

  await remem(["batch", "in.jsonl", "-o", "out.jsonl", ...flags, "--cache", "only-if-cached"]);
  expect(read("out.jsonl").every(({ cache_hit: hit }) => hit === true)).toBe(true);
  write("new.jsonl", [question("c")]);
  expect((await remem(["batch", "new.jsonl", "-o", "out.jsonl", "--cache", "only-if-cached"])).status).toBe(1);
  expect(read("out.jsonl")).toMatchObject([{ error: { code: "CACHE_MISS" } }]);
  expect(server.calls).toBe(2);
});

test("numbers of more digits than JavaScript holds are keyed, sent and written back digit by digit", async () => {
  const { write, remem, server, directory } = await workspace();
  const line = (seed: string) => `{"id":${seed},"messages":[{"role":"user","content":"a"}],"seed":${seed}}`;
  write("in.jsonl", [line("9007199254740993"), line("9007199254740995")]);
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  expect(figure(run.err, "provider calls")).toBe("2");
  const answers = readFileSync(join(directory, "out.jsonl"), "utf8").trim().split("\n");
  expect(answers.map((answer) => answer.slice(0, 24))).toEqual([
    '{"id":9007199254740993,"',
    '{"id":9007199254740995,"',
  ]);
  expect(figure((await remem(["batch", "in.jsonl"])).err, "hits")).toBe("2");
  expect(server.calls).toBe(2);
});

test.each(SDKS)("the summary tells how many answers are not stored, and why, with %s", async (_, sdk) => {
  const { write, remem, server } = await workspace();
  const answer = (content: string | null, finish_reason: string) => ({
    body: {
      id: "1",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, finish_reason, message: { role: "assistant", content } }],
    },
  });
  server.script([answer("a", "length"), answer("", "stop"), answer("b", "stop")]);
  write("in.jsonl", [question("1"), question("2"), question("3")]);
  const { err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "1"], "", sdk);
  expect(figure(err, "not stored")).toBe(
    "2, which cost again next time: 1 not complete (see finish_reason); 1 without content",
  );
});

describe("invalid usage exits with 2 and a hint, before any call or write", () => {
  test.each<[string, string[], RegExp]>([
    ["no command", [], /Usage: remem/],
    ["an unknown command", ["bach"], /unknown command 'bach'/],
    ["a misspelt flag", ["batch", "in.jsonl", "--concurency", "3"], /Did you mean --concurrency/],
    ["a number that is not one", ["batch", "in.jsonl", "--concurrency", "many"], /whole number from 1/],
    ["a timeout that is none", ["batch", "in.jsonl", "--timeout", "0"], /whole number from 1/],
    ["no requests a minute", ["batch", "in.jsonl", "--rpm", "0"], /whole number from 1/],
    ["a negative wait", ["batch", "in.jsonl", "--max-wait=-1"], /whole number from 0/],
    ["a negative number of retries", ["batch", "in.jsonl", "--retries=-1"], /whole number from 0/],
    ["a param without a value", ["batch", "in.jsonl", "--param", "seed"], /name=json/],
    ["a param that is not JSON", ["batch", "in.jsonl", "--param", "stop=END"], /quotes: stop='"..."'/],
    ["an unknown mode", ["batch", "in.jsonl", "--cache", "force"], /Allowed choices are default, reload/],
  ])("%s", async (_, args, message) => {
    const { remem, write, server } = await workspace();
    write("in.jsonl", [question("a")]);
    const run = await remem(args);
    expect(run.status).toBe(2);
    expect(run.err).toMatch(message);
    expect(server.calls).toBe(0);
  });

  test.each<[string, string[], RegExp]>([
    ["a missing input", ["batch", "no.jsonl", "-o", "out.jsonl"], /no such file.*no\.jsonl/],
    ["an output in a missing directory", ["batch", "in.jsonl", "-o", "no/out.jsonl"], /no such file.*out\.jsonl/],
  ])("%s exits with 1", async (_, args, message) => {
    const { remem, write, server, directory } = await workspace();
    write("in.jsonl", [question("a")]);
    write("out.jsonl", ["kept"]);
    const run = await remem(args);
    expect(run.status).toBe(1);
    expect(run.err).toMatch(message);
    expect(run.err.trim().split("\n").length).toBe(1);
    expect(server.calls).toBe(0);
    expect(readFileSync(join(directory, "out.jsonl"), "utf8")).toBe("kept\n");
  });

  test("a store of an unknown kind exits with 2", async () => {
    const { remem, write, server } = await workspace();
    write("in.jsonl", [question("a")]);
    const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--store", "mongo:x"]);
    expect({ status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
    expect(err).toMatch(/memory:, sqlite:<path>, redis:/);
  });
});

describe("Ctrl-C", () => {
  test("keeps the answers so far, lets calls in flight finish, and a second run answers the rest", async () => {
    const { write, read, start, remem, server } = await workspace({ latencyMs: 200 });
    write(
      "in.jsonl",
      Array.from({ length: 50 }, (_, index) => question(`q${index}`, { id: index })),
    );
    const command = start(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "5"]);
    await vi.waitFor(() => expect(server.calls).toBeGreaterThanOrEqual(10), 10_000);
    command.kill("SIGINT");
    const { status, err } = await command.ended;
    expect(status).toBe(130);
    expect(err).toContain("calls in flight get 5 s");
    const asked = server.calls;
    expect(asked).toBeLessThan(50);
    expect(err).toMatch(/the answers so far are in .*out\.jsonl\.partial; run the command again to answer the rest/);
    expect(read("out.jsonl.partial").map(({ id }) => id)).toEqual(Array.from({ length: asked }, (_, index) => index));
    expect(figure(err, "answered")).toBe(`${asked}`);

    expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl"])).status).toBe(0);
    expect(server.calls).toBe(50);
    expect(read("out.jsonl").length).toBe(50);
  });

  test("a second one exits immediately", async () => {
    const { write, start, server } = await workspace();
    server.script([{ stall: "headers" }]);
    write("in.jsonl", [question("a")]);
    const command = start(["batch", "in.jsonl", "-o", "out.jsonl"]);
    await vi.waitFor(() => expect(server.calls).toBe(1), 10_000);
    command.kill("SIGINT");
    await once(command.stderr!, "data");
    command.kill("SIGINT");
    expect((await command.ended).status).toBe(130);
  });

  test("ends a command that waits for its input", async () => {
    const { start } = await workspace();
    const command = start(["batch", "-"]);
    command.stdin?.write(`${JSON.stringify(question("first"))}\n`);
    await once(command.stdout!, "data");
    command.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ status: 130, err: expect.stringMatching(/^answered +1$/m) });
  });
});

test("closing the output pipe ends the command, and answers paid for are kept", async () => {
  const { write, start, remem, server } = await workspace({ latencyMs: 20 });
  write(
    "in.jsonl",
    Array.from({ length: 300 }, (_, index) => question(`q${index}`)),
  );
  const command = start(["batch", "in.jsonl"]);
  await once(command.stdout!, "data");
  command.ended.catch(() => {}); // Its output stream is destroyed before the end.
  let stderr = "";
  command.stderr!.on("data", (chunk) => {
    stderr += chunk;
  });
  command.stdout!.destroy();
  const [status] = await once(command, "close");
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  const asked = server.calls;
  expect(asked).toBeLessThan(300);
  await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  expect(server.calls).toBe(300);
});

test("200,000 lines pass through in bounded memory", { timeout: 300_000 }, async () => {
  const { directory, remem } = await workspace();
  const file = createWriteStream(join(directory, "in.jsonl"));
  for (let index = 0; index < 200_000; index++) {
    const line = `${JSON.stringify(question(`question ${index % 20} ${"x".repeat(400)}`))}\n`;
    if (!file.write(line)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  // Keeping all lines and answers in memory would need several times this heap and crash the process.
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl"], "", { NODE_OPTIONS: "--max-old-space-size=200" });
  expect(run.status).toBe(0);
  expect(figure(run.err, "answered")).toBe("200,000");
});
