import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type ChatCompletion,
  type ChatRequest,
  type Client,
  type ClientOptions,
  createClient,
  type GenerateContext,
  type LLMProvider,
  memoryStore,
  ProviderError,
  RememError,
  type RememEvent,
} from "../../src/index.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] }));
afterEach(() => void vi.useRealTimers());

const answer = (tokens = 10) => ({
  id: "1",
  model: "m",
  created: 1,
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Yes" } }],
  usage: { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens },
});

function refusal(retryAfterMs?: number): ProviderError {
  return new ProviderError("slow down", {
    provider: "p",
    status: 429,
    retryable: true,
    rateLimited: true,
    retryAfterMs,
  });
}

interface Scripted {
  readonly provider: LLMProvider;
  /** When each request was sent, in milliseconds since the start, and what was asked. */
  readonly sent: Array<readonly [at: number, prompt: unknown]>;
  /** How many run now. */
  running(): number;
}

/** A provider that takes a second for each answer, which `act` may replace or refuse. */
function scripted(act: (n: number, context: GenerateContext) => unknown = () => undefined): Scripted {
  const startedAt = performance.now();
  const sent: Scripted["sent"] = [];
  let running = 0;
  return {
    sent,
    running: () => running,
    provider: {
      specVersion: 1,
      id: "p",
      async generate({ messages }, context) {
        sent.push([Math.round(performance.now() - startedAt), messages[0]?.content]);
        running += 1;
        try {
          const result = act(sent.length, context);
          if (result instanceof Error) throw result;
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          return (result ?? answer()) as ReturnType<typeof answer>;
        } finally {
          running -= 1;
        }
      },
    },
  };
}

function clientOf(
  { provider }: Scripted,
  limits?: ClientOptions["limits"],
  options: Partial<ClientOptions> = {},
): Client {
  const client = createClient({ provider, store: memoryStore(), params: { model: "m" }, limits, ...options });
  onTestFinished(() => client.close());
  return client;
}
const prompts = (count: number) => Array.from({ length: count }, (_, index) => `question ${index}`);
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a rate limit of the server", () => {
  test("is waited for once: all calls pause, one probes, and the others follow", async () => {
    const server = scripted((n) => (n <= 4 ? refusal(2_000) : undefined));
    const events: RememEvent[] = [];
    const client = clientOf(server, undefined, { onEvent: (event) => events.push(event) });
    const results = client.batchInfer(prompts(20), {}, { concurrency: 4 });
    await after(1_900);
    expect(server.sent).toHaveLength(4);
    await after(200);
    expect(server.sent).toHaveLength(5); // The probe, after the pause.
    await after(800);
    expect(server.sent).toHaveLength(5);
    await after(200);
    expect(server.running()).toBe(2); // Half as many as before.
    await after(30_000);
    expect((await results).filter(({ error }) => error)).toEqual([]);
    expect(server.sent).toHaveLength(24);
    expect(new Set(server.sent.slice(4).map(([, prompt]) => prompt)).size).toBe(20);
    expect(events.filter(({ type }) => type === "rate-limited")).toEqual([
      { type: "rate-limited", provider: "p", waitMs: 2_000 },
    ]);
  });

  test("opens wider with each round that succeeds", async () => {
    const server = scripted((n) => (n <= 8 ? refusal(1_000) : undefined));
    const results = clientOf(server).batchInfer(prompts(60), {}, { concurrency: 8 });
    await after(1_100);
    const widths: number[] = [];
    for (let second = 0; second < 8; second++) {
      widths.push(server.running());
      await after(1_000);
    }
    expect(widths[0]).toBe(1);
    expect(widths[1]).toBe(4);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(widths.at(-1)).toBe(8);
    await after(30_000);
    await results;
  });

  test("that tells no time is waited for longer each time", async () => {
    const server = scripted((n) => (n <= 3 ? refusal() : undefined));
    const result = clientOf(server).infer("Hi");
    await after(20_000);
    expect((await result).response).toBe("Yes");
    expect(server.sent.map(([at]) => Math.round(at / 1_000))).toEqual([0, 1, 3, 7]);
  });

  test("that asks for no time again and again is not asked in a loop", async () => {
    const server = scripted((n) => (n <= 8 ? refusal(0) : undefined));
    const result = clientOf(server).infer("Hi");
    await after(20_000);
    expect((await result).response).toBe("Yes");
    expect(server.sent.map(([at]) => Math.round(at / 1_000))).toEqual([0, 0, 0, 0, 0, 0, 1, 3, 7]);
  });

  test("holds for every client of the provider object, and for no other provider", async () => {
    const server = scripted((n) => (n === 1 ? refusal(5_000) : undefined));
    const other = scripted();
    const first = clientOf(server).infer("a");
    await after(10);
    const second = clientOf(server).infer("b");
    const third = clientOf(other).infer("c");
    await after(1_100);
    expect((await third).source).toBe("provider");
    expect(server.sent).toHaveLength(1);
    await after(10_000);
    await Promise.all([first, second]);
    expect(server.sent).toHaveLength(3);
  });

  test("that is longer than maxWaitMs fails all calls at once, and says when to ask again", async () => {
    const server = scripted(() => refusal(90_000));
    const client = clientOf(server, { maxWaitMs: 60_000 });
    const results = await client.batchInfer(prompts(50), {}, { concurrency: 5 });
    expect(server.sent).toHaveLength(5);
    for (const { error } of results) {
      expect(error).toMatchObject({ code: "RATE_LIMITED", status: 429, retryable: true });
      expect(error?.message).toMatch(/"p" limits the rate of requests until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    }
    await after(90_000);
    const later = client.infer("later");
    await expect(later).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 90_000 });
    expect(server.sent).toHaveLength(6);
  });

  test("that lasts longer than maxWaitMs without one success fails, however short each wait is", async () => {
    const server = scripted(() => refusal(2_000));
    const results = clientOf(server, { maxWaitMs: 10_000 }).batchInfer(prompts(8), {}, { concurrency: 8 });
    await after(15_000);
    expect((await results).map(({ error }) => error?.code)).toEqual(new Array(8).fill("RATE_LIMITED"));
    expect(server.sent.length).toBeLessThan(8 + 8);
  });

  test("is not waited for by a caller that has less time, or that leaves", async () => {
    const server = scripted((n) => (n <= 2 ? refusal(5_000) : undefined));
    const client = clientOf(server);
    await expect(client.infer("a", {}, { timeoutMs: 3_000 })).rejects.toMatchObject({
      code: "RATE_LIMITED",
      message: expect.stringMatching(/and `timeoutMs` leaves 3000 ms\. Retry then/),
    });
    const caller = new AbortController();
    const left = client.infer("b", {}, { signal: caller.signal });
    await after(100);
    caller.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    expect(client.stats().providerCalls).toBe(1); // That of "a": "b" was never sent.
    const stayed = client.infer("c");
    await after(20_000);
    expect((await stayed).source).toBe("provider");
  });

  test("of hours ago does not shorten the wait for a new one", async () => {
    const server = scripted((n) => (n <= 2 ? refusal(1_000) : undefined));
    const client = clientOf(server);
    const caller = new AbortController();
    const left = client.infer("a", {}, { signal: caller.signal });
    await after(100);
    caller.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    await after(7_200_000);
    const later = client.infer("b");
    await after(5_000);
    expect((await later).source).toBe("provider");
  });

  test("is no matter for other failures", async () => {
    const server = scripted(() => new ProviderError("broken", { provider: "p", status: 429, retryable: false }));
    await expect(clientOf(server).infer("Hi")).rejects.toThrow("broken");
    expect(server.sent).toHaveLength(1);
  });

  test("that a provider announces is kept before the server has to refuse", async () => {
    const server = scripted((n, { pace }) => (n === 1 ? pace?.(10_000) : undefined));
    const client = clientOf(server);
    const first = client.infer("a");
    const second = client.infer("b").then(() => client.infer("c"));
    await after(30_000);
    await Promise.all([first, second]);
    expect(server.sent.map(([at]) => Math.floor(at / 1_000))).toEqual([0, 0, 10]);
  });
});

describe("limits of one's own", () => {
  test("rpm: no minute has more requests, and hits do not count", async () => {
    const server = scripted();
    const client = clientOf(server, { rpm: 60 });
    const results = client.batchInfer(prompts(150), {}, { concurrency: 200 });
    await after(1_000);
    expect(server.sent).toHaveLength(60);
    await after(58_000);
    expect(server.sent).toHaveLength(60);
    await after(3_000);
    expect(server.sent).toHaveLength(120);
    await client.batchInfer(prompts(60));
    await after(61_000);
    await results;
    expect(server.sent).toHaveLength(150);
  });

  test("tpm: the estimate of a call is replaced by its usage", async () => {
    const server = scripted(() => answer(40));
    const client = clientOf(server, { tpm: 1_000 });
    // Each reserves over 500 tokens, so that they go one by one, and takes 40.
    const results = client.batchInfer(prompts(20), { max_tokens: 500 }, { concurrency: 20 });
    await after(1);
    expect(server.sent).toHaveLength(1);
    await after(11_000);
    expect(server.sent).toHaveLength(12); // The next one leaves as soon as there is room.
    await after(60_000);
    await results;
    expect(server.sent).toHaveLength(20);
  });

  test("tpm: a call that is larger than the limit is sent alone, and an event tells so once", async () => {
    const server = scripted((n) => (n === 1 ? refusal(1) : answer(500)));
    const events: RememEvent[] = [];
    const client = clientOf(server, { tpm: 100 }, { onEvent: (event) => events.push(event) });
    const results = client.batchInfer(["a".repeat(4_000), "b".repeat(4_000)], {}, { concurrency: 2 });
    await after(1_000);
    expect(server.sent).toHaveLength(2); // The first was refused, and sent again.
    await after(62_000);
    await results;
    expect(server.sent).toHaveLength(3);
    const event = { type: "larger-than-limit", provider: "p", tokens: expect.any(Number), tpm: 100 };
    expect(events.filter(({ type }) => type === "larger-than-limit")).toEqual([event, event]);
  });

  test("budget: a request for which it throws is not sent, and fails with that error", async () => {
    const server = scripted((n) => (n === 2 ? new Error("broken") : undefined));
    const settled: unknown[] = [];
    let left = 2;
    const budget = {
      reserve({ messages }: ChatRequest) {
        if (left === 0) throw new RememError("BUDGET_EXCEEDED", "No calls are left.");
        left -= 1;
        return (completion?: ChatCompletion) => {
          settled.push([messages[0]?.content, completion?.id]);
          throw new Error("whatever it throws, the answer is not lost");
        };
      },
    };
    const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const client = clientOf(server, { budget });
    const results = client.batchInfer(prompts(4), {}, { concurrency: 1 });
    await after(5_000);
    expect((await results).map(({ error }) => error?.code)).toEqual([
      undefined,
      "PROVIDER_ERROR",
      "BUDGET_EXCEEDED",
      "BUDGET_EXCEEDED",
    ]);
    expect(settled).toEqual([
      ["question 0", "1"],
      ["question 1", undefined],
    ]);
    expect(warnings).toHaveBeenCalledTimes(2);
    expect(client.stats()).toMatchObject({ providerCalls: 2, misses: 4 });
    expect((await client.infer("question 0")).source).toBe("store"); // A hit needs no budget.
    const wrong = { budget: {} as never };
    expect(() => clientOf(server, wrong)).toThrow(/`limits.budget` must be an object with a function `reserve`/);
  });

  test("budget: it may decide later, and refuse for a rate of its own, which pauses no other call", async () => {
    const server = scripted();
    const refusal = new ProviderError("Too many this minute.", {
      provider: "own",
      code: "RATE_LIMITED",
      rateLimited: true,
    });
    const budget = {
      async reserve({ messages }: ChatRequest) {
        await Promise.resolve();
        if (messages[0]?.content === "question 1") throw refusal;
        return () => {};
      },
    };
    const results = clientOf(server, { budget }).batchInfer(prompts(3), {}, { concurrency: 1 });
    await after(5_000);
    expect((await results).map(({ error }) => error?.code)).toEqual([undefined, "RATE_LIMITED", undefined]);
    expect(server.sent).toHaveLength(2);
  });

  test("are shared by clients of one provider object", async () => {
    const server = scripted();
    const [first, second] = [clientOf(server, { rpm: 10 }), clientOf(server, { rpm: 10 })];
    const results = [first.batchInfer(prompts(8)), second.batchInfer(prompts(8).map((prompt) => `${prompt}?`))];
    await after(5_000);
    expect(server.sent).toHaveLength(10);
    await after(62_000);
    await Promise.all(results);
  });

  test("of different clients of one provider count each other's calls", async () => {
    const server = scripted();
    const [first, second] = [clientOf(server, { rpm: 10 }), clientOf(server, { rpm: 4 })];
    const results = [first.batchInfer(prompts(6)), second.batchInfer(["a?", "b?"])];
    await after(5_000);
    expect(server.sent).toHaveLength(6);
    await after(62_000);
    await Promise.all(results);
    expect(server.sent).toHaveLength(8);
  });

  test("a caller that leaves while it waits gives its place back at once", async () => {
    const server = scripted();
    const client = clientOf(server, { rpm: 1 });
    await Promise.all([client.infer("a"), after(2_000)]);
    const callers = ["b", "c"].map((prompt) => {
      const caller = new AbortController();
      return { caller, result: client.infer(prompt, {}, { signal: caller.signal }) };
    });
    await after(100);
    callers[1]?.caller.abort(new Error("left"));
    await expect(callers[1]?.result).rejects.toThrow("left");
    await after(62_000);
    expect((await callers[0]?.result)?.source).toBe("provider");
    expect(server.sent).toHaveLength(2);
    expect(client.stats().providerCalls).toBe(2);
  });

  test.each<[unknown, RegExp]>([
    [{ rpm: 0 }, /`limits.rpm` must be a whole number/],
    [{ tpm: 1.5 }, /`limits.tpm` must be/],
    [{ maxWaitMs: -1 }, /`limits.maxWaitMs` must be/],
    [{ rps: 1 }, /there is no option `rps`/],
    [5, /`limits` must be an object/],
  ])("%o is refused", (limits, message) => {
    expect(() => clientOf(scripted(), limits as never)).toThrow(message);
  });
});
