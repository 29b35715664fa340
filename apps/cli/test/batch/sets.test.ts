import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { question, type Workspace, workspace } from "../support/remem.ts";

const bodies = ({ server }: Workspace) => server.requests.map(({ body }) => body as Record<string, unknown>);
const user = (content: string) => ({ role: "user", content });

describe("a line of an evaluation set, without messages,", () => {
  test.each<[string, object, RegExp]>([
    [
      "question",
      { question: "Hi", answer: "Ho" },
      /line 2 has no "messages"\. It has "question", "answer": --field question/,
    ],
    ["input", { id: 1, input: "Hi", ideal: "Ho" }, /It has "input", "ideal": --field input .*\{\{input\}\}/],
    ["turns", { question_id: 81, turns: ["Hi", "And?"] }, /It has "question_id", "turns": --field turns/],
    ["vars", { vars: { topic: "bees" }, assert: [] }, /It has "vars", "assert": --field vars/],
  ])("stops the run, which names the line, what is missing and the flags: %s", async (_, line, message) => {
    const { write, remem, server } = await workspace();
    write("in.jsonl", [question("fine"), line]);
    const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
    expect({ status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
    expect(err).toMatch(message);
  });
});

describe("--field", () => {
  test("sends a column as the user's message, after --system, and equal questions stay equal", async () => {
    const place = await workspace();
    place.write("set.jsonl", [
      { id: 1, question: "Name a river.", ideal: "Rhine", temperature: 0 },
      { id: 2, question: "Name a river.", ideal: "Elbe", temperature: 0 },
    ]);
    const flags = ["--field", "question", "--system", "Be brief.", "--keep", "ideal,question"];
    const { status } = await place.remem(["batch", "set.jsonl", "-o", "out.jsonl", ...flags]);
    expect(status).toBe(0);
    const messages = [{ role: "system", content: "Be brief." }, user("Name a river.")];
    expect(bodies(place)).toEqual([{ model: "gpt-4o-mini", messages, temperature: 0 }]);
    expect(place.read("out.jsonl")).toMatchObject([
      { id: 1, ideal: "Rhine", question: "Name a river.", cache_hit: false },
      { id: 2, ideal: "Elbe", cache_hit: true },
    ]);
  });

  test.each<[string, object, string, unknown[]]>([
    [
      "a list of messages",
      { input: [{ role: "system", content: "S" }, user("Hi")] },
      "input",
      [{ role: "system", content: "S" }, user("Hi")],
    ],
    ["one of the turns", { turns: ["Hi", "And?"] }, "turns.0", [user("Hi")]],
    ["a member of vars", { vars: { topic: "bees" } }, "topic", [user("bees")]],
    ["a deep member", { doc: { q: { text: "Hi" } } }, "doc.q.text", [user("Hi")]],
    ["a name with a point", { "q.text": "Hi" }, "q.text", [user("Hi")]],
    [
      "parts of a message",
      { parts: [{ type: "text", text: "Hi" }] },
      "parts",
      [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
    ],
  ])("takes %s", async (_, line, field, messages) => {
    const place = await workspace();
    place.write("set.jsonl", [line]);
    expect((await place.remem(["batch", "set.jsonl", "-o", "out.jsonl", "--field", field])).status).toBe(0);
    expect(bodies(place)).toMatchObject([{ messages }]);
  });

  test.each<[string, object, string[], RegExp]>([
    [
      "a column that is not there",
      { question: "Hi" },
      ["--field", "qestion"],
      /line 1 has no "qestion", which --field qestion asks for\. It has "question"\./,
    ],
    [
      "several turns",
      { turns: ["Hi", "And?"] },
      ["--field", "turns"],
      /"turns" is a list, not one message\. --field turns\.0/,
    ],
    ["a number", { n: 5 }, ["--field", "n"], /"n" is not text/],
    [
      "data whose name is a parameter elsewhere",
      { q: "Hi", options: ["a", "b"] },
      ["--field", "q"],
      /"options", .*--keep options/,
    ],
    [
      "a second system message",
      { messages: [{ role: "system", content: "S" }] },
      ["--system", "T"],
      /line 1 begins with a system message/,
    ],
    ["two ways at once", question("Hi"), ["--field", "q", "--template", "t.txt"], /Give one of them/],
  ])("refuses %s before anything is sent", async (_, line, flags, message) => {
    const { write, remem, server } = await workspace();
    write("set.jsonl", [line]);
    const { status, err } = await remem(["batch", "set.jsonl", "-o", "out.jsonl", ...flags]);
    expect({ status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
    expect(err).toMatch(message);
  });

  test("an empty question is an error in its place, and is not sent", async () => {
    const { write, read, remem, server } = await workspace();
    write("set.jsonl", [
      { id: 1, q: " " },
      { id: 2, q: "Hi" },
      { id: 3, q: null },
    ]);
    const { status } = await remem(["batch", "set.jsonl", "-o", "out.jsonl", "--field", "q"]);
    expect({ status, calls: server.calls }).toEqual({ status: 1, calls: 1 });
    expect(read("out.jsonl")).toMatchObject([
      { id: 1, error: { message: 'Line 1 has nothing in "q".' } },
      { id: 2, response: expect.any(String) },
      { id: 3, error: { message: 'Line 3 has nothing in "q".' } },
    ]);
  });
});

describe("--template", () => {
  test("fills in {{name}} alone, once, without the line end of the file", async () => {
    const place = await workspace();
    writeFileSync(join(place.directory, "t.txt"), "Q: {{question}} ({{ lang }})\n{{question}} {x} $& {{n}}\n");
    place.write("set.jsonl", [{ question: "{{lang}} $1", vars: { lang: "en" }, n: 3, category: "x" }]);
    const flags = ["--template", "t.txt", "--keep", "category"];
    expect((await place.remem(["batch", "set.jsonl", "-o", "out.jsonl", ...flags])).status).toBe(0);
    expect(bodies(place)).toMatchObject([{ messages: [user("Q: {{lang}} $1 (en)\n{{lang}} $1 {x} $& 3")] }]);
  });

  test.each<[string, string, RegExp]>([
    ["names no column", "Hello {question}", /t\.txt names no column\. Write one as \{\{question\}\}/],
    [
      "names a column that a line lacks",
      "{{question}} {{context}}",
      /line 1 has no "context", which \{\{context\}\} in the template asks for/,
    ],
    ["is more than a template", "{{#if question}}x{{/if}}", /line 1 has no "#if question"/],
  ])("that %s stops the run", async (_, template, message) => {
    const { directory, write, remem, server } = await workspace();
    writeFileSync(join(directory, "t.txt"), template);
    write("set.jsonl", [{ question: "Hi" }]);
    const { status, err } = await remem(["batch", "set.jsonl", "--template", "t.txt"]);
    expect({ status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
    expect(err).toMatch(message);
  });
});

describe("CSV", () => {
  const csv =
    '\ufeffid,question,expected,temperature,model,stop\r\n007,"Name a ""big""\nriver, please",Rhine,0.5,,"[""END""]"\r\n8,Hi,,,5,END\r\n';

  test.each<[string, string, string | Uint8Array, string[]]>([
    ["by its name", "set.csv", csv, []],
    ["compressed", "set.csv.gz", gzipSync(csv), []],
    ["in UTF-16", "set.csv", Buffer.from(csv, "utf16le"), []],
    ["with semicolons", "set.csv", csv.replace(/,(?! please|"")/g, ";"), []],
    ["with tabs", "set.tsv", csv.replace(/,(?! please|"")/g, "\t"), []],
    ["by --input-format", "set.txt", csv, ["--input-format", "csv"]],
  ])("is read, parameters as JSON and ids as they are: %s", async (_, name, text, flags) => {
    const place = await workspace();
    writeFileSync(join(place.directory, name), text);
    const run = ["batch", name, "-o", "out.jsonl", "--field", "question", "--keep", "expected", "--concurrency", "1"];
    expect(await place.remem([...run, ...flags])).toMatchObject({ status: 0 });
    expect(bodies(place)).toEqual([
      {
        model: "gpt-4o-mini",
        messages: [user('Name a "big"\nriver, please')],
        temperature: 0.5,
        stop: ["END"],
      },
      { model: "5", messages: [user("Hi")], stop: "END" },
    ]);
    expect(place.read("out.jsonl")).toMatchObject([
      { id: "007", expected: "Rhine" },
      { id: "8", expected: "" },
    ]);
  });

  test("problems name the line in which a row begins", async () => {
    const place = await workspace();
    const rows = ["question,n", '"a', 'b",1', "c,1,2", "caf\u00e9,3", "d,4"].join("\n");
    writeFileSync(join(place.directory, "set.csv"), Buffer.from(rows, "latin1"));
    const run = await place.remem(["batch", "set.csv", "-o", "out.jsonl", "--field", "question", "--keep", "n"]);
    expect(run.status).toBe(1);
    expect(place.read("out.jsonl")).toMatchObject([
      { response: expect.any(String) },
      { error: { message: expect.stringMatching(/^Line 4 has 3 cells, and the header names 2 columns/) } },
      { error: { message: "Line 5 is not valid UTF-8; save the file as UTF-8." } },
      { response: expect.any(String) },
    ]);
    expect(place.server.calls).toBe(2);
  });

  test.each<[string, string, RegExp]>([
    ["a quote that is never closed", 'q\n"a\nb\n', /not CSV: a quoted cell is never closed \(after line 1\)/],
    ["a column twice", "q,q\na,b\n", /names the column "q" twice/],
    ["a column without a name", "q,\na,b\n", /line 2 has "column 2", /],
  ])("with %s stops the run", async (_, text, message) => {
    const { directory, remem, server } = await workspace();
    writeFileSync(join(directory, "set.csv"), text);
    const { status, err } = await remem(["batch", "set.csv", "--field", "q"]);
    expect({ status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
    expect(err).toMatch(message);
  });
});

test.each(["set.json", "set.jsonl"])(
  "one JSON array is read as its items, with ids as they are written: %s",
  async (name) => {
    const place = await workspace();
    const text =
      '[\n  {"id": 12345678901234567890,\n "messages": [{"role": "user", "content": "Hi"}]},\n  {"id": 1.50, "messages": 5}\n]\n';
    writeFileSync(join(place.directory, name), text);
    expect((await place.remem(["batch", name, "-o", "out.jsonl"])).status).toBe(1);
    const out = readFileSync(join(place.directory, "out.jsonl"), "utf8").trim().split("\n");
    expect(out[0]).toMatch(/^\{"id":12345678901234567890,"response"/);
    expect(out[1]).toMatch(/^\{"id":1\.50,"error"/);
  },
);

describe("a part of the lines", () => {
  const lines = Array.from({ length: 40 }, (_, index) => question(`question ${index % 20}`, { id: index }));

  test("--limit answers the first ones", async () => {
    const { write, read, remem, server } = await workspace();
    write("in.jsonl", lines);
    const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--limit", "3"]);
    expect({ status, calls: server.calls }).toEqual({ status: 0, calls: 3 });
    expect(err).toMatch(/^answered +3$/m);
    expect(read("out.jsonl").map(({ id }) => id)).toEqual([0, 1, 2]);
  });

  test("--shard answers one of n parts: together all, and equal requests in one", async () => {
    const { write, read, remem, server } = await workspace();
    write("in.jsonl", ["{ broken", ...lines]);
    const ids: unknown[] = [];
    for (const part of ["1/3", "2/3", "3/3"]) {
      await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--shard", part, "--store", "memory:"]);
      ids.push(...read("out.jsonl").map(({ id }) => id));
      expect(read("out.jsonl").length).toBeGreaterThan(1);
    }
    expect(ids).toHaveLength(41);
    expect(new Set(ids).size).toBe(41);
    expect(server.calls).toBe(20);
  });

  test.each(["0/3", "4/3", "1", "a/b"])("--shard %s is no part", async (part) => {
    const { write, remem } = await workspace();
    write("in.jsonl", lines);
    const { status, err } = await remem(["batch", "in.jsonl", "--shard", part]);
    expect(status).toBe(2);
    expect(err).toMatch(/from 1\/n to n\/n, such as 3\/8/);
  });
});
