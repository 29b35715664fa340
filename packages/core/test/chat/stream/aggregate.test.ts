import { describe, expect, test } from "vitest";
import { createChatAggregate } from "../../../src/chat/stream/aggregate.ts";
import { goldenStreams } from "../../golden/streams.ts";

function aggregateOf(...chunks: readonly unknown[]) {
  const aggregate = createChatAggregate();
  for (const chunk of chunks) aggregate.add(chunk);
  return aggregate;
}

/** One chunk per delta of the first choice. */
function deltas(...deltas: readonly object[]): object[] {
  return deltas.map((delta) => ({ choices: [{ index: 0, delta }] }));
}

function messageOf(...chunks: readonly unknown[]): object | undefined {
  return aggregateOf(...chunks).answer().choices[0]?.message;
}

describe("the chunks of recorded streams add up to the answer:", () => {
  test.each(goldenStreams)("$name", ({ chunks, complete, answer }) => {
    const sent = structuredClone(chunks);
    const aggregate = aggregateOf(...chunks);
    expect(aggregate.isComplete()).toBe(complete);
    if (answer !== null) expect(aggregate.answer()).toEqual(answer);
    expect(chunks).toEqual(sent);
  });
});

describe("in a delta, everything is concatenated:", () => {
  test("the arguments of a legacy function call", () => {
    const message = messageOf(
      ...deltas(
        { role: "assistant", content: null, function_call: { name: "f", arguments: "" } },
        { function_call: { arguments: '{"x"' } },
        { function_call: { arguments: ":1}" } },
      ),
    );
    expect(message).toEqual({
      role: "assistant",
      content: null,
      function_call: { name: "f", arguments: '{"x":1}' },
    });
  });

  test("tool calls of any type, by their index, in any order", () => {
    const message = messageOf(
      ...deltas(
        { tool_calls: [{ index: 1, id: "b", type: "custom", custom: { name: "sh", input: "l" } }] },
        {
          tool_calls: [
            { index: 0, id: "a", type: "function", function: { name: "f", arguments: "{" } },
            { index: 1, custom: { input: "s" } },
          ],
        },
        { tool_calls: [{ index: 0, id: "", type: "function", function: { name: "", arguments: "}" } }] },
      ),
    );
    expect(message).toMatchObject({
      tool_calls: [
        { id: "a", type: "function", function: { name: "f", arguments: "{}" } },
        { id: "b", type: "custom", custom: { name: "sh", input: "ls" } },
      ],
    });
    expect(JSON.stringify(message)).not.toContain("index");
  });

  test("tool calls without an index, each of which is complete", () => {
    const call = (name: string) => ({ id: name, type: "function", function: { name, arguments: "{}" } });
    expect(messageOf(...deltas({ tool_calls: [call("a")] }, { tool_calls: [call("b")] }))).toMatchObject({
      tool_calls: [call("a"), call("b")],
    });
  });

  describe("tool calls whose index does not tell them apart:", () => {
    interface Piece {
      readonly index?: number | null;
      readonly id?: string | null;
      readonly name?: string | null;
      readonly args?: string;
    }
    const toolCall = ({ name, args, ...rest }: Piece) => ({
      ...rest,
      function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
    });
    /** Id, name and arguments of the calls in these pieces. */
    function callsIn(...pieces: readonly (Piece | readonly Piece[])[]): unknown[] {
      const message = messageOf(...deltas(...pieces.map((piece) => ({ tool_calls: [piece].flat().map(toolCall) }))));
      const { tool_calls: calls } = message as { tool_calls: ReadonlyArray<ReturnType<typeof toolCall>> };
      for (const call of calls) expect(call).not.toHaveProperty("index");
      return calls.map(({ id, function: { name, arguments: args } }) => [id || undefined, name, args]);
    }
    const expected = [
      ["a", "f", '{"x":1}'],
      ["b", "g", '{"y":2}'],
    ];
    const withoutIds = expected.map(([, ...rest]) => [undefined, ...rest]);

    test.each<[string, { index?: number | null }]>([
      ["0", { index: 0 }],
      ["null", { index: null }],
      ["missing", {}],
    ])("with ids, and the index %s", (_, at) => {
      const pieces = [
        { ...at, id: "a", name: "f", args: "" },
        { ...at, id: "", args: '{"x"' },
        { ...at, id: null, name: "", args: ":1}" },
        { ...at, id: "b", name: "g", args: '{"y"' },
        { ...at, name: null, args: ":2}" },
      ];
      expect(callsIn(...pieces)).toEqual(expected);
      expect(callsIn(pieces)).toEqual(expected);
    });

    test("interleaved, by their ids", () => {
      const at = { index: 0 };
      const pieces = [
        { ...at, id: "a", name: "f", args: "" },
        { ...at, id: "b", name: "g", args: "" },
        { ...at, id: "a", args: '{"x"' },
        { ...at, id: "b", args: '{"y"' },
        { ...at, id: "a", name: "f", args: ":1}" },
        { ...at, id: "b", name: "g", args: ":2}" },
      ];
      expect(callsIn(...pieces)).toEqual(expected);
    });

    test("interleaved, by their indexes, as before", () => {
      const pieces = [
        { index: 1, id: "b", name: "g", args: '{"y"' },
        { index: 0, id: "a", name: "f", args: '{"x"' },
        { index: 1, args: ":2}" },
        { index: 0, args: ":1}" },
      ];
      expect(callsIn(...pieces)).toEqual(expected);
      expect(callsIn(...pieces.map(({ id: _, ...piece }) => piece))).toEqual(withoutIds);
    });

    test.each([undefined, "same"])("by their indexes even if all have the id %o", (id) => {
      const calls = callsIn(
        { index: 0, id, name: "f", args: "{" } as Piece,
        { index: 1, id, name: "f", args: "[" } as Piece,
        { index: 0, args: "}" },
        { index: 1, args: "]" },
      );
      expect(calls).toEqual([
        [id, "f", "{}"],
        [id, "f", "[]"],
      ]);
    });

    test("with an id that comes after the name", () => {
      expect(callsIn({ index: 0, name: "f" }, { index: 0, id: "a", args: "{" }, { index: 0, args: "}" })).toEqual([
        ["a", "f", "{}"],
      ]);
      expect(callsIn({ index: 0, name: "f", args: "" }, { index: 0, id: "a", name: "f", args: "{}" })).toEqual([
        ["a", "f", "{}"],
      ]);
    });

    test("without ids or arguments, by their names", () => {
      expect(callsIn({ index: 0, name: "f" }, { index: 0, name: "f" }, { index: 0, name: "g" })).toEqual([
        [undefined, "f", undefined],
        [undefined, "g", undefined],
      ]);
    });

    test("the second of which alone has an id", () => {
      expect(callsIn({ index: 0, name: "f", args: "{}" }, { index: 0, id: "b", name: "f", args: "{}" })).toEqual([
        [undefined, "f", "{}"],
        ["b", "f", "{}"],
      ]);
    });

    test.each<[string, { index?: number | null; id?: string }]>([
      ["0", { index: 0 }],
      ["null", { index: null, id: "" }],
      ["missing", {}],
    ])("without ids, once the arguments of the last are whole; the index %s", (_, at) => {
      const pieces = [
        { ...at, name: "f", args: "" },
        { ...at, name: "f", args: '{"x"' },
        { ...at, name: "f", args: ":1}" },
        { ...at, name: "g", args: '{"y":2}' },
        { ...at, args: "" },
      ];
      expect(callsIn(...pieces)).toEqual(withoutIds);
    });
  });

  test("audio, whose pieces may end with padding, and its transcript", () => {
    const bytes = Buffer.from("RIFF and some sound");
    const pieces = [bytes.subarray(0, 4), bytes.subarray(4, 9), bytes.subarray(9)];
    const message = messageOf(
      ...deltas(
        { audio: { id: "audio_1", transcript: "He" } },
        ...pieces.map((piece) => ({ audio: { data: piece.toString("base64") } })),
        { audio: { transcript: "llo" } },
        { audio: { expires_at: 1_763_800_000 } },
      ),
    );
    expect(message).toMatchObject({
      audio: { id: "audio_1", data: bytes.toString("base64"), transcript: "Hello", expires_at: 1_763_800_000 },
    });
  });

  test("lists, such as annotations", () => {
    const [one, other] = [
      { type: "url_citation", url: "a" },
      { type: "url_citation", url: "b" },
    ];
    expect(messageOf(...deltas({ annotations: [one] }, { annotations: [other] }))).toMatchObject({
      annotations: [one, other],
    });
  });

  test("strings of unknown members at any depth", () => {
    const message = messageOf(...deltas({ vendor: { thought: "a", n: 1 } }, { vendor: { thought: "b", n: 2 } }));
    expect(message).toMatchObject({ vendor: { thought: "ab", n: 2 } });
  });

  test("except what a server repeats: the role, and a call's id, type and name", () => {
    const call = { index: 0, id: "a", type: "function", function: { name: "f", arguments: "{}" } };
    const piece = { role: "assistant", content: "Ha", tool_calls: [call] };
    const { index: _, ...named } = call;
    expect(messageOf(...deltas(piece, piece))).toEqual({
      role: "assistant",
      content: "HaHa",
      tool_calls: [{ ...named, function: { name: "f", arguments: "{}{}" } }],
    });
  });
});

describe("beside the delta, the last value wins:", () => {
  test("id, model and the like, if a chunk has them", () => {
    const chunk = { id: "1", object: "chat.completion.chunk", created: 7, model: "m", system_fingerprint: "fp" };
    const between = { id: "", object: "", created: 0, model: "", system_fingerprint: null };
    expect(aggregateOf(between, { ...chunk, choices: [] }, between).answer()).toEqual({
      ...chunk,
      object: "chat.completion",
      choices: [],
    });
  });

  test("usage, which some servers send cumulatively in every chunk", () => {
    const usages = [{ completion_tokens: 1 }, null, { completion_tokens: 2, details: {} }, null];
    expect(aggregateOf(...usages.map((usage) => ({ usage }))).answer().usage).toEqual(usages[2]);
  });

  test("unknown members, also of a choice", () => {
    const chunks = ["a", "b"].map((text) => ({ citations: [text], choices: [{ delta: {}, stop_reason: text }] }));
    expect(aggregateOf(...chunks).answer()).toMatchObject({
      citations: ["b"],
      choices: [{ index: 0, stop_reason: "b" }],
    });
  });

  test("except logprobs and tokens of a choice, which are concatenated, and filter results, which are kept", () => {
    const safe = { hate: { filtered: false, severity: "safe" } };
    const pieces = [
      { logprobs: null, content_filter_results: {}, token_ids: [1] },
      { logprobs: { content: [{ token: "A" }], refusal: null }, content_filter_results: safe, token_ids: [2, 3] },
      { logprobs: { content: [{ token: "B" }], refusal: [{ token: "No" }] }, content_filter_results: {} },
      { logprobs: null },
    ];
    const chunks = pieces.map((piece) => ({ choices: [{ index: 0, delta: {}, ...piece }] }));
    expect(aggregateOf(...chunks).answer().choices[0]).toMatchObject({
      logprobs: { content: [{ token: "A" }, { token: "B" }], refusal: [{ token: "No" }] },
      content_filter_results: safe,
      token_ids: [1, 2, 3],
    });
  });
});

test("padding is dropped", () => {
  expect(aggregateOf({ obfuscation: "xYxY", choices: [] }).answer()).not.toHaveProperty("obfuscation");
});

test("an error in a chunk is kept, and the answer is incomplete", () => {
  const finished = { choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "stop" }] };
  expect(aggregateOf(finished).isComplete()).toBe(true);
  const aggregate = aggregateOf(finished, { error: { message: "gone" } }, { error: null });
  expect(aggregate.isComplete()).toBe(false);
  expect(aggregate.answer().error).toEqual({ message: "gone" });
});

test("choices are sorted by their index", () => {
  const chunks = [2, 0, 1].map((index) => ({ choices: [{ index, delta: { content: String(index) } }] }));
  const { choices } = aggregateOf(...chunks).answer();
  expect(choices.map(({ index, message }) => [index, message.content])).toEqual([
    [0, "0"],
    [1, "1"],
    [2, "2"],
  ]);
});

test("chunks are not modified, and each completion is a copy", () => {
  const chunks = deltas(
    { content: "a", list: [{ a: 1 }], vendor: { text: "a" } },
    { list: [2], vendor: { text: "b" } },
  );
  const before = structuredClone(chunks);
  const aggregate = aggregateOf(...chunks);
  const { list, vendor } = aggregate.answer().choices[0]!.message as unknown as { list: object[]; vendor: object };
  Object.assign(list[0]!, { a: "changed" });
  Object.assign(vendor, { text: "changed" });
  expect(chunks).toEqual(before);
  expect(aggregate.answer()).toEqual(aggregateOf(...before).answer());
});

test("values that are not chunks are ignored", () => {
  const message = messageOf(
    null,
    "ping",
    [1],
    7,
    { choices: null },
    { choices: [null, { delta: null }] },
    ...deltas({}),
  );
  expect(message).toEqual({ role: "assistant", content: null });
});

test("a member's name cannot reach the prototype of objects", () => {
  const chunk = JSON.parse(
    '{"__proto__":{"hit":1},"choices":[{"delta":{"__proto__":{"hit":1},"constructor":{"hit":1},"tool_calls":[{"__proto__":{"hit":1}}]}}]}',
  );
  const { choices } = aggregateOf(chunk, chunk).answer();
  expect(({} as { hit?: unknown }).hit).toBeUndefined();
  expect(Object.hasOwn(choices[0]!.message, "__proto__")).toBe(true);
});
