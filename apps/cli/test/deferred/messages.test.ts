import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type MessagesServer, messagesServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { question, type Run, type Workspace, workspace } from "../support/remem.ts";

interface Place extends Workspace {
  readonly anthropic: MessagesServer;
}

async function place(): Promise<Place> {
  const anthropic = await messagesServer();
  onTestFinished(() => anthropic.close());
  const { remem, ...others } = await workspace();
  const own = { ANTHROPIC_BASE_URL: anthropic.baseURL, ANTHROPIC_API_KEY: "sk-ant-test-0123456789" };
  return {
    ...others,
    anthropic,
    remem: (args, input, extra): Promise<Run> => remem(args, input, { ...own, ...extra }),
  };
}

const params = (content: string, more: object = {}): object =>
  question(content, { model: "claude-haiku-4-5", max_tokens: 50, ...more });

const line = (custom_id: unknown, content: string, more?: object): object => ({
  custom_id,
  params: params(content, more),
});

const WAITING = ["-o", "out.jsonl", "--deferred", "--wait", "0.05"];

test("lines of Message Batches are answered in their own form, in order, and not paid for again", async () => {
  const { write, read, remem, anthropic, server } = await place();
  anthropic.batches.plan([{ running: 2 }]);
  write("in.jsonl", [
    line("a", "A"),
    line("b", "B", { stream: true }),
    { custom_id: 7, method: "POST", url: "/v1/messages", body: params("A") },
    "{ not json",
    { custom_id: "chat", body: question("C") },
    line("none", "D", { max_tokens: undefined }),
  ]);
  const first = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred"]);
  expect(first.status).toBe(3);
  expect(first.err).toBe(`remem: 3 of 6 answered, 3 wait for a batch
  msgbatch_000001  in_progress  0 of 2 done
remem: the answers so far are in out.jsonl.partial; run the command again to take the rest, or add --wait
`);
  const second = await remem(["batch", "in.jsonl", ...WAITING]);
  expect(second.status).toBe(1);
  expect(second.err).toMatch(/^answered +3$/m);
  expect(second.err).toMatch(/^provider calls +2$/m);
  expect(second.err).toMatch(/^cost +\$0\.0+\d+ by list prices$/m);
  const records = read("out.jsonl");
  expect(records.slice(0, 3)).toEqual([
    { custom_id: "a", result: { type: "succeeded", message: said("A") }, cache_hit: false },
    { custom_id: "b", result: { type: "succeeded", message: said("B") }, cache_hit: false },
    { custom_id: 7, result: { type: "succeeded", message: said("A") }, cache_hit: true },
  ]);
  expect(records.slice(3)).toEqual([
    errored(null, /^Line 4 is not JSON/),
    errored("chat", /^Line 5 is no request for a message/),
    errored("none", /max_tokens/),
  ]);
  expect(anthropic.batches.paid).toEqual([params("A"), params("B")]);

  write("again.jsonl", [line("z", "B")]);
  const again = await remem(["batch", "again.jsonl", "-o", "again-out.jsonl", "--deferred"]);
  expect(again.status).toBe(0);
  expect(read("again-out.jsonl")).toMatchObject([{ custom_id: "z", cache_hit: true }]);
  expect(anthropic.batches.ids).toHaveLength(1);
  expect(server.calls).toBe(0);
});

function said(content: string): unknown {
  return expect.objectContaining({
    type: "message",
    content: [{ type: "text", text: expect.stringContaining(`“${content}”`) }],
  });
}

function errored(custom_id: unknown, message: RegExp): unknown {
  const error = { type: "invalid_request_error", message: expect.stringMatching(message) };
  return {
    custom_id,
    result: { type: "errored", error: { type: "error", error } },
    error: { code: "INVALID_REQUEST", message: expect.stringMatching(message) },
    cache_hit: false,
  };
}

test("failures have the server's words, samples are numbered, and a table has the texts", async () => {
  const { directory, write, read, remem, anthropic } = await place();
  const error = { type: "error", error: { type: "invalid_request_error", message: "Too odd." } };
  anthropic.batches.plan([{ results: { 1: { type: "errored", error } } }]);
  write("in.jsonl", [line("a", "A")]);
  expect((await remem(["batch", "in.jsonl", ...WAITING, "--samples", "2"])).status).toBe(1);
  expect(read("out.jsonl")).toMatchObject([
    { custom_id: "a", sample: 0, result: { type: "succeeded" } },
    {
      custom_id: "a",
      sample: 1,
      result: {
        type: "errored",
        error: { type: "error", error: { type: "invalid_request_error", message: "Too odd." } },
      },
      error: { code: "PROVIDER_ERROR", message: expect.stringContaining("400 invalid_request_error: Too odd.") },
    },
  ]);
  await remem(["batch", "in.jsonl", "-o", "out.csv", "--deferred", "--wait", "0.05"]);
  const [head, row] = readFileSync(join(directory, "out.csv"), "utf8").split("\n");
  expect(head).toContain("response");
  expect(row).toContain("“A”");
});

test("deferred lists, shows and cancels batches of messages, too", async () => {
  const { write, remem, anthropic } = await place();
  anthropic.batches.plan([{ hangsAfter: 1 }]);
  write("in.jsonl", [line("a", "A"), line("b", "B"), line("c", "C")]);
  expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred"])).status).toBe(3);
  const listed = await remem(["deferred", "ls"]);
  expect(listed.out).toMatch(/^msgbatch_000001 in_progress claude-haiku-4-5 3 requests, begun .* UTC\n$/);
  expect((await remem(["deferred", "show", "msgbatch_000001"])).out).toContain("0 done, 0 failed");
  expect((await remem(["deferred", "cancel", "msgbatch_000001"])).status).toBe(0);
  const taken = await remem(["batch", "in.jsonl", ...WAITING]);
  expect(taken.status).toBe(1);
  expect(taken.err).toMatch(/^answered +1$/m);
  expect(taken.err).toMatch(/^failed +2$/m);
  expect((await remem(["deferred", "ls"])).out).toContain("msgbatch_000001 ended");
});

test("--max-cost and --max-calls bound what is submitted, and the journal has half the price", async () => {
  const { write, read, remem, anthropic } = await place();
  write("in.jsonl", [line("a", "A"), line("b", "B"), line("c", "C")]);
  const limited = await remem(["batch", "in.jsonl", ...WAITING, "--max-calls", "1", "--journal", "calls.jsonl"]);
  expect(limited.status).toBe(1);
  expect(limited.err).toContain("--max-calls 1 is reached");
  expect(read("out.jsonl.partial")).toHaveLength(1);
  expect(read("calls.jsonl")).toMatchObject([{ surface: "messages", model: "claude-haiku-4-5", deferred: true }]);
  expect((await remem(["batch", "in.jsonl", ...WAITING, "--max-cost", "0.000001"])).err).toContain("--max-cost");
  expect(anthropic.batches.paid).toHaveLength(1);
  expect((await remem(["batch", "in.jsonl", ...WAITING, "--max-cost", "1"])).status).toBe(0);
  expect(anthropic.batches.paid).toHaveLength(3);
});

test("commands that cannot take such lines say which one does, and a missing key which variable is meant", async () => {
  const { write, remem, anthropic } = await place();
  write("in.jsonl", [line("a", "A")]);
  for (const args of [
    ["batch", "in.jsonl"],
    ["plan", "in.jsonl"],
    ["batch", "in.jsonl", "--misses", "m.jsonl"],
  ]) {
    const { status, err } = await remem(args);
    expect(status).toBe(2);
    expect(err).toContain("`remem batch --deferred` answers them");
  }
  const keys = await remem(["batch", "in.jsonl", ...WAITING, "--python-keys"]);
  expect(keys.err).toContain("--python-keys works only with Chat Completions");
  const without = await remem(["batch", "in.jsonl", ...WAITING], "", { ANTHROPIC_API_KEY: "" });
  expect(without.err).toContain("set ANTHROPIC_API_KEY");
  expect(anthropic.batches.received.list).toBe(0);
});
