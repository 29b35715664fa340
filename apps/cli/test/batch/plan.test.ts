import { describe, expect, test } from "vitest";
import { question, workspace } from "../support/remem.ts";

const figure = (summary: string, name: string) => new RegExp(`^${name} {2,}(.*)$`, "m").exec(summary)?.[1];
const lines = (from: number, to: number, members: object = {}) =>
  Array.from({ length: to - from }, (_, index) => question(`question ${from + index}`, members));

describe("plan", () => {
  test("says exactly what batch then does, and sends nothing", async () => {
    const { write, remem, server } = await workspace();
    write("stored.jsonl", lines(0, 30));
    await remem(["batch", "stored.jsonl", "-o", "out.jsonl"]);
    write("in.jsonl", [...lines(0, 50), ...lines(40, 45), "{ broken"]);
    const plan = await remem(["plan", "in.jsonl"]);
    expect(server.calls).toBe(30);
    expect(plan.status).toBe(1);
    expect(plan.err).toMatch(/^remem: 1 invalid; the first: Line 56 is not JSON/);
    expect(figure(plan.out, "hits")).toBe("30");
    expect(figure(plan.out, "calls")).toBe("20 (5 more requests are equal to one of them)");
    const batch = await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
    expect(figure(batch.err, "provider calls")).toBe("20");
    expect(figure(batch.err, "misses")).toBe("20");
    expect(Number(figure(batch.err, "hits")) + Number(figure(batch.err, "joined"))).toBe(35);
    const after = await remem(["plan", "in.jsonl"]);
    expect(figure(after.out, "calls")).toBe("0");
    expect(figure(after.out, "cost")).toBe("$0.00");
    expect(server.calls).toBe(50);
  });

  test("keeps its garbage small, however many lines there are", async () => {
    const { write, node } = await workspace();
    write("in.jsonl", lines(0, 3_000, { stop: ["long ".repeat(400)] }));
    const hook = `import { getHeapSpaceStatistics } from "node:v8";
      const young = () => getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size;
      process.on("exit", () => console.error("young generation:", young()));`;
    const { err } = await node(["--import", `data:text/javascript,${encodeURIComponent(hook)}`], ["plan", "in.jsonl"]);
    expect(Number(/^young generation: (\d+)$/m.exec(err)?.[1])).toBeLessThanOrEqual(16 * 1024 * 1024);
  });

  test("counts tokens and gives a range of money, as flags make the requests", async () => {
    const { write, remem } = await workspace();
    write("in.jsonl", [
      { question: "Hello world", max_tokens: 1_000_000, model: "gpt-4o-mini" },
      { question: "Hello  world <|endoftext|>", max_tokens: 500_000, model: "gpt-4o-mini" },
    ]);
    const flags = ["--field", "question", "--rpm", "1", "--json"];
    const { out } = await remem(["plan", "in.jsonl", ...flags]);
    const plan = JSON.parse(out);
    // Two tokens, and 3 + 7 for one message; the marker is text, and has several.
    expect(plan.promptTokens).toBeGreaterThan(20);
    expect(plan.promptTokens).toBeLessThan(35);
    expect(plan).toMatchObject({ answers: 2, invalid: 0, hits: 0, calls: 2, repeats: 0, counted: true });
    expect(plan).toMatchObject({ maxAnswerTokens: 1_500_000, minutes: 2 });
    // https://platform.openai.com/docs/pricing: $0.15 and $0.60 for a million tokens.
    expect(plan.cost.most - plan.cost.least).toBeCloseTo(0.9, 6);
    expect(plan.cost.least).toBeCloseTo((plan.promptTokens * 0.15) / 1e6, 9);
    const { out: samples } = await remem(["plan", "in.jsonl", ...flags, "--samples", "3"]);
    expect(JSON.parse(samples)).toMatchObject({ calls: 6, maxAnswerTokens: 4_500_000 });
  });

  test("uses the stored answers to say what is usual, and names models without a price", async () => {
    const { write, remem } = await workspace();
    write("in.jsonl", lines(0, 2));
    await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
    write("in.jsonl", [...lines(0, 3), ...lines(5, 7, { model: "own" })]);
    const { out, status } = await remem(["plan", "in.jsonl"]);
    expect(status).toBe(0);
    expect(figure(out, "answer tokens")).toMatch(/^not limited by max_tokens; \d+ if they are as the stored ones$/);
    expect(figure(out, "cost")).toMatch(
      /^\$0\.0\d+ and the answers; \$0\.0\d+ if answers are as the stored ones, by list prices, without 2 of "own", whose price is unknown$/,
    );
  });

  test("counts a prompt of one long word in little time", async () => {
    const { remem } = await workspace();
    const { out, status } = await remem(["plan", "-"], JSON.stringify(question("a".repeat(2_000_000))));
    expect(status).toBe(0);
    expect(figure(out, "prompt tokens")).toMatch(/^2\d\d,\d{3}$/);
  });

  test("stops where batch would stop", async () => {
    const { write, remem } = await workspace();
    write("in.jsonl", [{ question: "Hi" }]);
    expect(await remem(["plan", "in.jsonl"])).toMatchObject({
      status: 2,
      err: expect.stringMatching(/--field question/),
    });
  });
});

describe("a budget", () => {
  test("--max-calls ends the run before it sends more, and the next run goes on", async () => {
    const { write, read, remem, server } = await workspace();
    write("in.jsonl", lines(0, 25));
    const run = ["batch", "in.jsonl", "-o", "out.jsonl", "--max-calls", "10"];
    for (const calls of [10, 20]) {
      const { status, err } = await remem(run);
      expect({ status, calls: server.calls }).toEqual({ status: 1, calls });
      expect(err).toMatch(
        /^remem: stopped: --max-calls 10 is reached\.\nremem: the answers so far are in .*partial; run/m,
      );
      expect(figure(err, "failed")).toBe("0");
      expect(figure(err, "provider calls")).toBe("10");
    }
    expect((await remem(run)).status).toBe(0);
    expect(read("out.jsonl")).toHaveLength(25);
    expect(server.calls).toBe(25);
  });

  test("--max-cost ends the run before it may cost more", async () => {
    const { write, read, remem, server } = await workspace();
    const usage = { prompt_tokens: 0, completion_tokens: 1_000, total_tokens: 1_000 }; // $0.0006
    const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Yes" } }];
    const body = { id: "1", object: "chat.completion", created: 1, model: "gpt-4o-mini", choices, usage };
    server.script(Array.from({ length: 20 }, () => ({ body })));
    write("in.jsonl", lines(0, 20, { max_tokens: 1_000 }));
    const run = ["batch", "in.jsonl", "-o", "out.jsonl", "--max-cost", "0.005"];
    const { status, err } = await remem(run);
    expect({ status, calls: server.calls }).toEqual({ status: 1, calls: 8 }); // $0.0048, and the next would be $0.0054.
    expect(err).toMatch(
      /stopped: the next call may cost \$0\.0006\d?, and \$0\.0048 of --max-cost \$0\.005 is spent\./,
    );
    expect((await remem(run)).status).toBe(1);
    expect((await remem(run)).status).toBe(0);
    expect(read("out.jsonl")).toHaveLength(20);
  });

  test("--max-cost needs a price", async () => {
    const { write, remem, server } = await workspace();
    write("in.jsonl", lines(0, 2, { model: "own" }));
    const { status, err } = await remem(["batch", "in.jsonl", "--max-cost", "1"]);
    expect({ status, calls: server.calls }).toEqual({ status: 1, calls: 0 });
    expect(err).toMatch(/--max-cost cannot be kept, because the price of "own" is unknown\. Use --max-calls\./);
  });

  test.each(["0", "-1", "much"])("--max-cost %s is refused", async (amount) => {
    const { remem } = await workspace();
    expect(await remem(["batch", "-", `--max-cost=${amount}`])).toMatchObject({
      status: 2,
      err: expect.stringMatching(/an amount in dollars, such as 2\.50/),
    });
  });
});
