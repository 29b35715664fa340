import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { question, workspace } from "../support/remem.ts";

const lines = [
  question("Name a river.", { id: 1, expected: "Rhine", category: "geo" }),
  question("Name a river.", { id: 2, expected: "Elbe", category: "geo" }),
];

describe("a member of a line that is no known parameter", () => {
  test.each([
    ["a file", "in.jsonl"],
    ["standard input", "-"],
  ])("stops the run before anything is sent or written, and names the flags: %s", async (_, input) => {
    const { write, remem, server, directory } = await workspace();
    write("in.jsonl", [question("fine"), ...lines].slice(input === "-" ? 1 : 0));
    write("out.jsonl", ["kept"]);
    const text = readFileSync(join(directory, "in.jsonl"), "utf8");
    const run = await remem(["batch", input, ...(input === "-" ? [] : ["-o", "out.jsonl"])], text);
    expect(run.status).toBe(2);
    expect(run.out).toBe("");
    expect(run.err).toMatch(
      /remem: line [12] has "expected", "category", which no documented server takes as a parameter\. --keep expected,category .*; --send expected,category sends it\./,
    );
    expect(server.calls).toBe(0);
    expect(readFileSync(join(directory, "out.jsonl"), "utf8")).toBe("kept\n");
  });

  test("goes to the output with --keep, is not sent, and equal questions stay equal", async () => {
    const { write, read, remem, server } = await workspace();
    write("in.jsonl", lines);
    const run = await remem([
      "batch",
      "in.jsonl",
      "-o",
      "out.jsonl",
      "--keep",
      "expected",
      "--keep",
      "category,missing",
    ]);
    expect(run.status).toBe(0);
    expect(read("out.jsonl")).toMatchObject([
      { id: 1, expected: "Rhine", category: "geo", response: expect.any(String) },
      { id: 2, expected: "Elbe", category: "geo", response: expect.any(String) },
    ]);
    expect(server.requests.map(({ body }) => Object.keys(body as object).sort())).toEqual([["messages", "model"]]);
  });

  test("is sent with --send, and keyed", async () => {
    const { write, read, remem, server } = await workspace();
    write("in.jsonl", lines);
    expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--send", "expected,category"])).status).toBe(0);
    expect(server.requests.map(({ body }) => body)).toMatchObject([{ expected: "Rhine" }, { expected: "Elbe" }]);
    expect(read("out.jsonl")[0]).not.toHaveProperty("expected");
  });

  test("in a body of the Batch format is part of the request", async () => {
    const { write, remem, server } = await workspace();
    const body = question("Hi", { model: "m", my_parameter: 1 });
    write("in.jsonl", [{ custom_id: "a", method: "POST", url: "/v1/chat/completions", body }]);
    expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl"])).status).toBe(0);
    expect(server.requests[0]?.body).toEqual(body);
  });

  test("is kept in the record of a failure, too", async () => {
    const { write, read, remem, server } = await workspace();
    server.script([{ status: 400 }]);
    write("in.jsonl", [lines[0]]);
    await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--keep", "expected,category"]);
    expect(read("out.jsonl")).toMatchObject([{ id: 1, expected: "Rhine", error: { status: 400 } }]);
  });
});

test("parameters that documented servers take need no flag", async () => {
  const { write, remem, server } = await workspace();
  const params = {
    temperature: 0,
    top_k: 5,
    min_p: 0.1,
    enable_thinking: false,
    chat_template_kwargs: {},
    reasoning: {},
  };
  write("in.jsonl", [question("Hi", params)]);
  expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl"])).status).toBe(0);
  expect(server.requests[0]?.body).toMatchObject(params);
});

test.each([
  [["--keep", "response"], /--keep response: the records of the output have a member "response"/],
  [["--keep", "a", "--send", "a"], /--keep a and --send a contradict each other/],
  [["--keep", ""], /names, separated by commas/],
])("%j exits with 2", async (flags, message) => {
  const { write, remem, server } = await workspace();
  write("in.jsonl", [question("Hi")]);
  const run = await remem(["batch", "in.jsonl", ...flags]);
  expect({ status: run.status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
  expect(run.err).toMatch(message);
});

test("ids come back as they are written, duplicates included", async () => {
  const { write, remem, directory } = await workspace();
  const ids = ["1234567890123456789", "0.10", "1e3", "-0", '"a"', '"a"', "null", '{"id":1.50}'];
  write(
    "in.jsonl",
    ids.map((id) => `{"id":${id},"messages":[{"role":"user","content":"Hi"}]}`),
  );
  const later = '{"messages":[{"role":"user","content":"Hi"}],"id":2.50}';
  expect((await remem(["batch", "-"], `${later}\n`)).out).toContain('{"id":2.50,');
  const batchLine =
    '{"custom_id":1.50,"method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}}';
  expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl"])).status).toBe(0);
  const records = readFileSync(join(directory, "out.jsonl"), "utf8").trimEnd().split("\n");
  expect(records.map((record) => /^\{"id":(.*?),"response"/.exec(record)?.[1])).toEqual(
    ids.map((id) => (id.startsWith("{") ? '{"id":1.5}' : id)),
  );
  const { out } = await remem(["batch", "-"], `${batchLine}\n`);
  expect(out).toContain('"custom_id":1.50,');
});
