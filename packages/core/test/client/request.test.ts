import { collect } from "@remem/test-support/collect";
import { expect, test } from "vitest";
import { createClient, type InferRequest, memoryStore, type Prompt } from "../../src/index.ts";
import { scriptedProvider, user } from "../doubles.ts";

function setUp() {
  const provider = scriptedProvider();
  return { provider, client: createClient({ provider, store: memoryStore(), params: { model: "m", seed: 1 } }) };
}
const request = { messages: user("Hi"), seed: 2 };
const forms: Array<[name: string, input: Prompt | InferRequest]> = [
  ["a request", request],
  ["a request whose messages are a string", { messages: "Hi", seed: 2 }],
];

test.each(forms)("%s goes over the client's params, and takes options beside it", async (_, input) => {
  const { client, provider } = setUp();
  const first = await client.infer(input as InferRequest, { cache: "reload" });
  expect(provider.calls).toEqual([{ model: "m", seed: 2, messages: user("Hi") }]);
  expect(await client.infer(user("Hi"), { seed: 2 })).toMatchObject({ key: first.key, source: "store" });
  expect(await client.has(input as InferRequest)).toBe(true);
  expect(await client.has(input as InferRequest, { sample: 1 })).toBe(false);
  expect(await client.delete(input as InferRequest)).toBe(true);
  expect(await client.has("Hi", { seed: 2 })).toBe(false);
});

test("a string stands for one message of the user wherever messages are given", async () => {
  const { client, provider } = setUp();
  const { key } = await client.infer("Hi");
  const results = [
    await client.infer(user("Hi")),
    ...(await client.batchInfer(["Hi", user("Hi"), { messages: "Hi" }])),
    ...(await collect(client.inferEach(["Hi", user("Hi"), { messages: "Hi" }]))),
  ];
  expect(results.map((result) => result.key)).toEqual(Array(7).fill(key));
  expect(await client.has("Hi")).toBe(true);
  expect(provider.calls.length).toBe(1);
});

test("the params of a batch hold for every item that does not say otherwise", async () => {
  const { client, provider } = setUp();
  await client.batchInfer(["a", { messages: "b", seed: 4 }], { seed: 3 }, { concurrency: 1 });
  expect(provider.calls.map(({ seed }) => seed)).toEqual([3, 4]);
});

test("an option of a request is refused where a parameter stands, and a parameter where an option stands", async () => {
  const { client, provider } = setUp();
  await expect(client.infer("Hi", { timeoutMs: 5 } as never)).rejects.toMatchObject({
    code: "INVALID_REQUEST",
    path: "/timeoutMs",
  });
  await expect(client.infer(request, { temperature: 0 } as never)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("temperature"),
  });
  expect(provider.calls).toEqual([]);
});

test("a failure is told from an answer by its error", async () => {
  const { client } = setUp();
  const [answer, failure] = await client.batchInfer(["Hi", 5 as never]);
  expect(answer?.error ? "failed" : answer?.response).toBe(`Answer to ${JSON.stringify(user("Hi"))}`);
  expect(failure?.error?.code).toBe("INVALID_REQUEST");
});
