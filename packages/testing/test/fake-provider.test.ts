import { type ChatRequest, createClient, memoryStore, ProviderError } from "@remem/core";
import { describe, expect, test } from "vitest";
import { fakeProvider } from "../src/index.ts";

const request: ChatRequest = { model: "fake-1", messages: [{ role: "user", content: "Why is the sky blue?" }] };
const { signal } = new AbortController();

function textOf(completion: Awaited<ReturnType<ReturnType<typeof fakeProvider>["generate"]>>): string | null {
  return completion.choices[0]?.message.content ?? null;
}

test("a string answers every call", async () => {
  const provider = fakeProvider("Rayleigh.");
  for (let call = 0; call < 3; call++) expect(textOf(await provider.generate(request, { signal }))).toBe("Rayleigh.");
});

test("a list answers the calls in turn, and then rejects with an error that says so", async () => {
  const answers = ["one", ""];
  const provider = fakeProvider(answers);
  answers.push("too late");
  expect(textOf(await provider.generate(request, { signal }))).toBe("one");
  expect(textOf(await provider.generate(request, { signal }))).toBe("");
  const error = await provider.generate(request, { signal }).catch((error: unknown) => error);
  expect(ProviderError.is(error)).toBe(true);
  expect(error).toMatchObject({ provider: "fake", retryable: false });
  expect(String(error)).toContain("The list of 2 answers is exhausted: this is call 3.");
});

test("a function answers by the request, immediately or later, and may throw", async () => {
  const failure = new ProviderError("overloaded", { provider: "fake", status: 529, retryable: true });
  const provider = fakeProvider(({ model }) => {
    if (model === "broken") throw failure;
    return model === "slow" ? Promise.resolve("later") : `I am ${model}.`;
  });
  expect(textOf(await provider.generate(request, { signal }))).toBe("I am fake-1.");
  expect(textOf(await provider.generate({ ...request, model: "slow" }, { signal }))).toBe("later");
  await expect(provider.generate({ ...request, model: "broken" }, { signal })).rejects.toBe(failure);
});

test("it records its requests, including those that it failed to answer", async () => {
  const provider = fakeProvider([]);
  const other = { ...request, seed: 7 };
  for (const one of [request, other]) await provider.generate(one, { signal }).catch(() => {});
  expect(provider.calls).toEqual([request, other]);
});

test("a stream gives the answer word by word, and ends when it is aborted", async () => {
  const provider = fakeProvider("Rayleigh scattering of light.");
  const texts: string[] = [];
  for await (const { choices } of provider.stream!(request, { signal })) texts.push(choices[0]?.delta.content ?? "");
  expect(texts.filter((text) => text !== "")).toEqual(["Rayleigh ", "scattering ", "of ", "light."]);
  expect(provider.calls).toEqual([request]);

  const controller = new AbortController();
  const stream = provider.stream!(request, { signal: controller.signal })[Symbol.asyncIterator]();
  await stream.next();
  controller.abort(new Error("enough"));
  await expect(stream.next()).rejects.toThrow("enough");
});

test("answers are whole completions, with the usage of their texts", async () => {
  const provider = fakeProvider("Rayleigh scattering.");
  const first = await provider.generate(request, { signal });
  expect(first).toMatchObject({
    object: "chat.completion",
    created: expect.any(Number),
    model: "fake-1",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Rayleigh scattering." } }],
  });
  const { prompt_tokens, completion_tokens, total_tokens } = first.usage!;
  expect(prompt_tokens).toBeGreaterThan(4);
  expect(completion_tokens).toBeGreaterThan(1);
  expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  expect((await provider.generate(request, { signal })).id).not.toBe(first.id);
});

test("a client accepts, stores and serves them", async () => {
  const provider = fakeProvider(["one", "two"]);
  const client = createClient({ provider, store: memoryStore(), params: { model: "fake" } });
  const ask = async (content: string) => (await client.infer([{ role: "user", content }])).response;
  expect([await ask("a"), await ask("b"), await ask("a")]).toEqual(["one", "two", "one"]);
  expect(provider.calls).toHaveLength(2);
  await client.close();
});

describe("a signal", () => {
  const reason = new Error("No caller is left.");

  test("that is aborted ends a running call with its reason", async () => {
    const stop = new AbortController();
    const provider = fakeProvider(() => new Promise(() => {}));
    const call = provider.generate(request, { signal: stop.signal });
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(provider.calls).toHaveLength(1);
  });

  test("that is aborted while the function runs counts too", async () => {
    const stop = new AbortController();
    const provider = fakeProvider(() => {
      stop.abort(reason);
      return "too late";
    });
    await expect(provider.generate(request, { signal: stop.signal })).rejects.toBe(reason);
  });

  test("that is aborted before the call lets nothing start", async () => {
    const provider = fakeProvider(["one"]);
    await expect(provider.generate(request, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(provider.calls).toEqual([]);
    expect(textOf(await provider.generate(request, { signal }))).toBe("one");
  });
});

test("invalid answers are refused", () => {
  for (const wrong of [undefined, null, 1, { text: "a" }]) {
    expect(() => fakeProvider(wrong as never)).toThrow(/`answers` must be a string, a list of strings or a function/);
  }
});
