import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { question, type Workspace, workspace } from "../support/remem.ts";

const asked = question("Name a river in France, please.", { temperature: 0, model: "m" });

async function filled(): Promise<Workspace> {
  const place = await workspace();
  place.write("in.jsonl", [asked, question("What is the capital of Peru?", { model: "m" })]);
  await place.remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  return place;
}

describe("explain", () => {
  test.each<[string, string, string]>([
    ["a request in any layout", "request.json", JSON.stringify(asked, null, 2)],
    ["a line of a batch", "in.jsonl", ""],
    ["a line of the Batch format", "b.jsonl", JSON.stringify({ custom_id: "a", body: asked })],
    [
      "an HTTP request",
      "r.http",
      `POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer k\r\n\r\n${JSON.stringify(asked)}`,
    ],
    ["an HTTP request without a host", "r.http", `POST /v1/chat/completions HTTP/1.1\n\n${JSON.stringify(asked)}`],
    ["an HTTP request as JSON", "r.json", JSON.stringify({ url: "http://{host}/v1/chat/completions", body: asked })],
    [
      "a curl command",
      "r.sh",
      `curl http://{host}/v1/chat/completions \\\n  -H "Authorization: Bearer $K" \\\n  -d '${JSON.stringify(asked)}'`,
    ],
  ])("says that an answer is stored, and how to see it: %s", async (_, name, text) => {
    const { remem, directory, server } = await filled();
    const { host } = new URL(server.baseURL);
    if (text !== "") writeFileSync(join(directory, name), text.replaceAll("{host}", host));
    const run = await remem(["explain", name]);
    expect(run).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^stored: remem show [0-9a-f]{12}\n$/),
      err: "",
    });
    const [, command = ""] = /remem (show \w+)/.exec(run.out) ?? [];
    expect((await remem([...command.split(" "), "--model", "m"])).out).toContain("Name a river in France");
  });

  test("names the nearest entry, each differing field with its words, and what to do", async () => {
    const { remem, server } = await filled();
    const changed = question("Name a lake in France, please.", { temperature: 0.7, top_p: 1, model: "m" });
    const run = await remem(["explain", "-", "--nearest", "1"], JSON.stringify(changed));
    expect(run.status).toBe(1);
    expect(run.out).toMatch(/^not stored: [0-9a-f]{12} is not in .*m_cache\.sqlite\nThe nearest of 2 entries:\n/);
    expect(run.out).toMatch(/\n[0-9a-f]{12} {2}\d+ % alike, written \d+s ago\n/);
    expect(run.out).toContain("  temperature  stored 0, asked 0.7\n");
    expect(run.out).toContain("  top_p  only asked: 1\n");
    expect(run.out).toContain("  messages[0].content\n    …Name a [-river-] {+lake+}\n");
    expect(run.out).toContain("  → leave out top_p to ask for the stored one\n");
    expect(server.calls).toBe(2);
  });

  test("takes the flags of batch, and the line and the sample that are meant", async () => {
    const { remem, write } = await filled();
    write("set.jsonl", [{ question: "Hi" }, { question: "Name a river in France, please.", temperature: 0 }]);
    const flags = ["--field", "question", "--line", "2", "--model", "m"];
    expect((await remem(["explain", "set.jsonl", ...flags])).status).toBe(0);
    const sample = await remem(["explain", "set.jsonl", ...flags, "--sample", "4"]);
    expect(sample.out).toContain("  sample  only asked: 4\n");
    const server = await remem(["explain", "set.jsonl", ...flags, "--base-url", "https://other.example/v1"]);
    expect(server.out).toMatch(/ {2}scope\n {4}.*\n(.*\n)* {2}→ another server has answered: ask it by --base-url/);
    expect((await remem(["explain", "set.jsonl", ...flags, "--line", "9"])).err).toMatch(
      /no request in line 9; the one before begins in line 2\./,
    );
  });

  test("counts the lines of a table as errors do: its first row is in line 2", async () => {
    const { remem, directory } = await filled();
    writeFileSync(join(directory, "set.csv"), "question\nHi\nName a river in France\n");
    const flags = ["explain", "set.csv", "--field", "question", "--model", "m"];
    expect((await remem(flags)).out).toMatch(/^not stored/);
    expect((await remem([...flags, "--line", "1"])).err).toMatch(/no request in line 1\./);
    expect((await remem([...flags, "--line", "3", "--json"])).out).toContain("Name a river in France");
  });

  test("takes a request as a program has logged it, although that asked for a stream", async () => {
    const { remem } = await filled();
    const logged = {
      ...question("Name a river in France, please.", { temperature: 0 }),
      stream: true,
      stream_options: { include_usage: true },
    };
    const flags = ["--model", "m"];
    expect((await remem(["explain", "-", ...flags], JSON.stringify(logged))).out).toMatch(/^stored: /);
    const overPath = { path: "/v1/chat/completions", body: { ...logged, model: "m" } };
    expect((await remem(["explain", "-", ...flags], JSON.stringify(overPath))).out).toMatch(/^stored: /);
  });

  test("shows blanks in which texts differ, and no 100 % where something does", async () => {
    const { remem } = await filled();
    const changed = question("Name a  river in France,\tplease.", { temperature: 0 });
    const run = await remem(["explain", "-", "--model", "m", "--nearest", "1"], JSON.stringify(changed));
    expect(run.out).toMatch(/ 99 % alike/);
    expect(run.out).toContain("…Name a {+␣+}\n");
    expect(run.out).toContain(", [-␣-] {+\\t+}\n");
  });

  test("--json prints the whole explanation, and a cache that is not there is not created", async () => {
    const { remem } = await filled();
    const changed = JSON.stringify({ ...asked, seed: 1 });
    const found = JSON.parse((await remem(["explain", "-", "--json"], changed)).out);
    expect(found).toMatchObject({
      isStored: false,
      compared: 2,
      nearest: [{ differences: [{ path: "seed", asked: 1 }] }, {}],
    });
    const none = await remem(["explain", "-", "--store", "sqlite:none.sqlite"], changed);
    expect(none).toMatchObject({ status: 1, err: expect.stringMatching(/there is no cache at .*none\.sqlite/) });
  });
});
