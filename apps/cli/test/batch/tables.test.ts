import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { JsonObject } from "remem";
import { expect, test } from "vitest";
import { question, workspace } from "../support/remem.ts";

const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const choice = (message: JsonObject, index = 0) => ({
  index,
  finish_reason: "stop",
  message: { role: "assistant", ...message },
});
const answer = (...choices: JsonObject[]) => ({
  body: { id: "1", object: "chat.completion", created: 1, model: "m", usage, choices },
});

test("-o x.csv writes a table with everything that was paid for, and failures", async () => {
  const { write, remem, server, directory } = await workspace();
  const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
  server.script([
    answer(choice({ content: 'one, "two"\nthree\rfour', reasoning_content: "Hm." })),
    answer(choice({ content: null, tool_calls: [call] })),
    answer(choice({ content: "a" }), choice({ content: "b" }, 1)),
    { status: 400, body: { error: { message: "too odd" } } },
  ]);
  const lines = [1, 2, 3, 4].map((id) => question(`q${id}`, { id, expected: `e${id}`, response: "theirs" }));
  write("in.jsonl", [...lines, "{"]);
  const flags = ["--keep", "expected,response=reference", "--with-prompt", "--concurrency", "1"];
  const { status } = await remem(["batch", "in.jsonl", "-o", "out.csv", ...flags]);
  expect(status).toBe(1);
  const rows = parse(readFileSync(join(directory, "out.csv")), { columns: true });
  expect(rows).toHaveLength(5);
  expect(rows[0]).toEqual({
    id: "1",
    expected: "e1",
    reference: "theirs",
    messages: '[{"role":"user","content":"q1"}]',
    response: 'one, "two"\nthree\rfour',
    reasoning: "Hm.",
    tool_calls: "",
    function_call: "",
    refusal: "",
    choices: "",
    finish_reason: "stop",
    prompt_tokens: "5",
    completion_tokens: "2",
    usage: JSON.stringify(usage),
    cache_hit: "false",
    key: expect.stringMatching(/^[0-9a-f]{64}$/),
    error: "",
    error_code: "",
    error_status: "",
  });
  expect(rows).toMatchObject([
    {},
    { response: "", tool_calls: JSON.stringify([call]) },
    { response: "a", choices: expect.stringContaining('"b"') },
    { id: "4", expected: "e4", response: "", error: expect.stringContaining("too odd"), error_status: "400" },
    { id: "", error: expect.stringMatching(/^Line 5 is not JSON/), error_code: "INVALID_REQUEST" },
  ]);
});

test("lines of the Batch format have their custom_id as id in a table; .tsv has tabs", async () => {
  const { write, remem, directory } = await workspace();
  const body = question("Hi", { model: "m" });
  write("in.jsonl", [{ custom_id: "a", method: "POST", url: "/v1/chat/completions", body }]);
  expect((await remem(["batch", "in.jsonl", "-o", "out.tsv"])).status).toBe(0);
  const [row] = parse(readFileSync(join(directory, "out.tsv")), { columns: true, delimiter: "\t" }) as object[];
  expect(row).toMatchObject({ id: "a", response: expect.stringContaining("Hi") });
});

test("a kept column that the table has itself is refused, with a way out", async () => {
  const { write, remem, server } = await workspace();
  write("in.jsonl", [question("Hi", { usage: 1 })]);
  const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.csv", "--keep", "usage"]);
  expect({ status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
  expect(err).toMatch(/out\.csv has a column "usage" of its own\. --keep usage=input_usage renames yours/);
});

test("the prompt is in the output only with --with-prompt", async () => {
  const { write, read, remem } = await workspace();
  write("in.jsonl", [question("Hi")]);
  await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  expect(JSON.stringify(read("out.jsonl")[0]!.metadata)).not.toContain('prompt"');
  await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--with-prompt"]);
  expect(read("out.jsonl")).toMatchObject([{ metadata: { prompt: [{ role: "user", content: "Hi" }] } }]);
});

test("--samples asks for independent answers to each line, and later only for those that are missing", async () => {
  const { write, read, remem, server, directory } = await workspace();
  const body = question("b", { model: "m" });
  write("in.jsonl", [
    question("a", { id: 7 }),
    { custom_id: "b", method: "POST", url: "/v1/chat/completions", body },
    "{",
  ]);
  await remem(["batch", "in.jsonl", "-o", "two.jsonl", "--samples", "2"]);
  expect(server.calls).toBe(4);
  const { err } = await remem(["batch", "in.jsonl", "-o", "three.jsonl", "--samples", "3"]);
  expect(server.calls).toBe(6);
  expect(err).toMatch(/^hits +4$/m);
  const records = read("three.jsonl");
  expect(records.map(({ sample }) => sample)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  expect(records.map(({ id, custom_id }) => custom_id ?? id)).toEqual([
    7,
    7,
    7,
    "b",
    "b",
    "b",
    ...Array(3).fill(undefined),
  ]);
  expect(records.filter((_, index) => index < 2)).toMatchObject(
    read("two.jsonl")
      .slice(0, 2)
      .map(({ key }) => ({ key })),
  );
  expect(records.slice(6)).toEqual(
    Array(3).fill({ sample: expect.any(Number), error: expect.any(Object), cache_hit: false }),
  );
  await remem(["batch", "in.jsonl", "-o", "out.csv", "--samples", "3"]);
  expect(readFileSync(join(directory, "out.csv"), "utf8")).toMatch(/^id,sample,response,.*\n7,0,/);
  expect((await remem(["batch", "in.jsonl", "-o", "one.jsonl"])).err).toMatch(/^hits +2$/m);
  expect(server.calls).toBe(6);
});
