import { validator } from "@remem/test-support/openapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompletionsServer, completionsServer, type Fault } from "../../src/index.ts";
import { complete, post, question } from "./post.ts";

const chunkErrors = validator("CreateChatCompletionStreamResponse");

const parameters = { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } };
const weather = { type: "function", function: { name: "get_weather", parameters } };
const shell = { type: "custom", custom: { name: "shell" } };

const kinds: Readonly<Record<string, object>> = {
  text: question("Why is the sky blue?"),
  "text outside ASCII": question("¿Qué significa 忖度? 🤔"),
  "every choice of n": question("A name for a cat?", { n: 3 }),
  "an object in JSON mode": question("A colour, as JSON", { response_format: { type: "json_object" } }),
  "an answer cut off at its limit": question("A long story, please", { max_tokens: 5 }),
  "a call of a function": question("Will it rain?", { tools: [weather] }),
  "calls of a function in every choice": question("Will it rain?", { tools: [weather], n: 2 }),
};

let server: CompletionsServer;
beforeAll(async () => {
  server = await completionsServer();
});
afterAll(() => server.close());

describe("a stream is valid by the API document, and adds up to the answer without one:", () => {
  for (const [kind, request] of Object.entries(kinds)) {
    test(kind, async () => {
      const chunks = await chunksOf(request);
      expect(chunks.flatMap(chunkErrors)).toEqual([]);
      expect(joined(chunks)).toEqual(await whole(request));
    });
  }

  test("a call of a custom tool, which the document lacks", async () => {
    const request = question("List the files", { tools: [shell] });
    expect(joined(await chunksOf(request))).toEqual(await whole(request));
  });
});

describe("a stream", () => {
  test("is sent as server-sent events of unknown length, and ends with [DONE]", async () => {
    const response = await stream(question("Why?"));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("content-length")).toBeNull();
    expect(await response.text()).toMatch(/^(data: \{.*\}\n\n)+data: \[DONE\]\n\n$/);
  });

  test("has the role first, then the text in pieces, and an empty end", async () => {
    const chunks = await chunksOf(question("Why?"));
    const [first, ...pieces] = chunks.map(({ choices }) => choices[0]);
    const last = pieces.pop();
    expect(first).toMatchObject({ delta: { role: "assistant", content: "" }, finish_reason: null });
    expect(pieces.length).toBeGreaterThan(10);
    for (const piece of pieces) {
      expect(piece).toMatchObject({ delta: { content: expect.stringMatching(/./) }, finish_reason: null });
    }
    expect(last).toMatchObject({ delta: {}, finish_reason: "stop" });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test("has a call's id, type and name once, then its arguments in pieces by index", async () => {
    const chunks = await chunksOf(question("Will it rain?", { tools: [weather] }));
    const [head, ...pieces] = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    const id = expect.stringMatching(/^call_/);
    expect(head).toEqual({ index: 0, id, type: "function", function: { name: "get_weather", arguments: "" } });
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces)
      expect(piece).toEqual({ index: 0, function: { arguments: expect.stringMatching(/./) } });
  });

  test("interleaves the choices of one answer", async () => {
    const chunks = await chunksOf(question("Why?", { n: 3 }));
    expect(chunks.slice(0, 6).map(({ choices }) => choices[0]?.index)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test("ends with its usage where the request asks for it", async () => {
    const request = question("Why?");
    const chunks = await chunksOf({ ...request, stream_options: { include_usage: true } });
    expect(chunks.flatMap(chunkErrors)).toEqual([]);
    const { usage } = await complete(server, request);
    expect(chunks.pop()).toMatchObject({ choices: [], usage });
    expect(new Set(chunks.map((chunk) => chunk.usage))).toEqual(new Set([null]));
    expect(joined(chunks)).toEqual(await whole(request));
    expect((await chunksOf(request)).some((chunk) => "usage" in chunk)).toBe(false);
  });

  test("is not sent where `stream` is false or null", async () => {
    const answer = await complete(server, question("Why?"));
    for (const stream of [false, null]) expect(await complete(server, question("Why?", { stream }))).toEqual(answer);
  });
});

describe("a fault of a stream:", () => {
  const type = (response: Response): string | null => response.headers.get("content-type");
  const text = `data: {"error":{"message":"overloaded"}}\n\n`;

  test("{} is the ordinary stream", async () => {
    const ordinary = await (await stream(question("Why?"))).text();
    expect(await (await stream(question("Why?"), {})).text()).toBe(ordinary);
  });

  test("text and bytes are sent unchanged, as events unless a content type is given", async () => {
    for (const body of [text, Buffer.from(text)]) {
      const response = await stream(question("Why?"), { body });
      expect([type(response), await response.text()]).toEqual(["text/event-stream", text]);
    }
    const page = await stream(question("Why?"), { body: "<html>", headers: { "content-type": "text/html" } });
    expect([type(page), await page.text()]).toEqual(["text/html", "<html>"]);
  });

  test("a JSON value and an error status are sent as JSON", async () => {
    const value = await stream(question("Why?"), { body: { error: "overloaded" } });
    expect([type(value), await value.json()]).toEqual(["application/json", { error: "overloaded" }]);
    const failed = await stream(question("Why?"), { status: 429 });
    expect([failed.status, type(failed)]).toEqual([429, "application/json"]);
    expect(await failed.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
  });

  test("a reset in the body comes after half of it", async () => {
    const ordinary = await (await stream(question("Why?"))).text();
    const { read, error } = await readUntilItEnds(await stream(question("Why?"), { reset: "body" }));
    expect(read).toBe(ordinary.slice(0, read.length));
    expect(read.length / ordinary.length).toBeCloseTo(0.5, 1);
    expect(error).toMatchObject({ message: "terminated" });
  });

  test("a stall in the body comes after half of it, and lasts until the server closes", async () => {
    await using other = await completionsServer();
    const response = await stream(question("Why?"), { stall: "body" }, other);
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toMatch(/^data: \{/);
    const rest = readUntilItEnds(response, reader);
    await other.close();
    expect(await rest).toMatchObject({ error: { message: "terminated" }, read: expect.not.stringContaining("[DONE]") });
  });
});

interface Chunk {
  readonly id: string;
  readonly choices: ReadonlyArray<{
    readonly index: number;
    readonly delta: Delta;
    readonly finish_reason: string | null;
  }>;
  readonly usage?: object | null;
  readonly [member: string]: unknown;
}

interface Delta {
  readonly content?: string | null;
  readonly tool_calls?: ReadonlyArray<{ readonly index: number; readonly [member: string]: unknown }>;
}

function stream(request: object, fault?: Fault, to: CompletionsServer = server): Promise<Response> {
  if (fault !== undefined) to.script([fault]);
  return post(to, { ...request, stream: true });
}

async function chunksOf(request: object): Promise<Chunk[]> {
  const events = (await (await stream(request)).text()).split("\n\n").slice(0, -2);
  return events.map((event) => JSON.parse(event.replace("data: ", "")));
}

/** The answer without `stream`, minus what no stream carries. */
async function whole(request: object): Promise<object> {
  const { usage: _, choices, ...rest } = await complete(server, request);
  return {
    ...rest,
    choices: choices.map(({ message: { annotations: __, ...message }, ...choice }) => ({ ...choice, message })),
  };
}

function joined(chunks: readonly Chunk[]): object {
  const choices: Array<{ index: number; message: object }> = [];
  for (const { index, delta, ...choice } of chunks.flatMap((chunk) => chunk.choices)) {
    choices[index] = { index, ...choice, message: merged(choices[index]?.message ?? {}, delta) as object };
  }
  const { usage: _, ...envelope } = chunks[0] ?? {};
  return { ...envelope, object: "chat.completion", choices };
}

/** Appends text, merges lists by index, and replaces null. */
function merged(old: unknown, piece: unknown): unknown {
  if (Array.isArray(piece)) {
    const list = [...((old as unknown[] | undefined) ?? [])];
    for (const { index, ...item } of piece as Array<{ index: number }>) list[index] = merged(list[index], item);
    return list;
  }
  if (typeof piece === "string" && typeof old === "string") return old + piece;
  if (typeof piece !== "object" || piece === null) return piece;
  const { ...all } = (old ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(piece)) all[name] = merged(all[name], value);
  return all;
}

async function readUntilItEnds(
  response: Response,
  reader = response.body?.getReader(),
): Promise<{ read: string; error?: unknown }> {
  const decoder = new TextDecoder();
  let read = "";
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) return { read };
      read += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    return { read, error };
  }
}
