import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { question, type Workspace, workspace } from "../support/remem.ts";

const figure = (summary: string, name: string) => new RegExp(`^${name} +(.*)$`, "m").exec(summary)?.[1];

const lines = (count: number, prefix = "q"): object[] =>
  Array.from({ length: count }, (_, index) => question(`${prefix}${index}`, { id: index }));

/** The records of the same input, asked directly from the same server with another store. */
async function direct({ remem, read }: Workspace, args: readonly string[] = []): Promise<Record<string, unknown>[]> {
  await remem(["batch", "in.jsonl", "-o", "direct.jsonl", "--store", "sqlite:direct.sqlite", ...args]);
  return read("direct.jsonl");
}

test("a first run submits and ends with what waits, the next one takes it, and a direct run makes no call", async () => {
  const workspaceOf = await workspace();
  const { directory, write, read, remem, server } = workspaceOf;
  server.batches.plan([{ running: 1 }]);
  write("in.jsonl", [...lines(5), "{ not json", question("q1", { id: "again" }), question("hit", { id: "hit" })]);
  write("hit.jsonl", [question("hit")]);
  await remem(["batch", "hit.jsonl"]);

  const first = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred"]);
  expect(first.status).toBe(3);
  expect(first.err).toBe(`remem: 2 of 8 answered, 6 wait for a batch
  batch_000001  in_progress  0 of 5 done
remem: the answers so far are in out.jsonl.partial; run the command again to take the rest, or add --wait
`);
  expect(read("out.jsonl.partial")).toMatchObject([
    { error: { code: "INVALID_REQUEST" } },
    { id: "hit", cache_hit: true },
  ]);

  const second = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred"]);
  expect(second.status).toBe(1);
  expect(second.err).toMatch(/^remem: 1 failed; first failure: Line 6 is not JSON/m);
  expect(figure(second.err, "provider calls")).toBe("5");
  expect(figure(second.err, "cost")).toMatch(/^\$0\.0+\d+ by list prices$/);
  expect(existsSync(join(directory, "out.jsonl.partial"))).toBe(false);
  expect(server.batches).toMatchObject({ uploads: 1, ids: ["batch_000001"] });
  expect(server.batches.paid).toHaveLength(5);
  expect(server.calls).toBe(1);

  const again = await remem(["batch", "in.jsonl", "-o", "again.jsonl"]);
  expect(figure(again.err, "provider calls")).toBe("0");
  const asked = (await direct(workspaceOf)).map((one) => (one.id === "hit" ? { ...one, cache_hit: true } : one));
  expect(read("out.jsonl")).toEqual(asked);
});

test("--wait stays until all is answered, whatever happens to batches", async () => {
  const workspaceOf = await workspace();
  const { write, read, remem, server } = workspaceOf;
  server.batches.script("upload", [{ status: 429, headers: { "retry-after-ms": "1" } }]);
  server.batches.plan([{ validating: 1, expiresAfter: 10, breaks: true }, { running: 1 }]);
  write("in.jsonl", lines(30));
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05"]);
  expect(run.status).toBe(0);
  expect(run.err).toContain("remem: 0 of 30 answered, 30 wait for a batch");
  expect(read("out.jsonl")).toEqual(await direct(workspaceOf));
  expect(server.batches.paid).toHaveLength(30);
  expect(server.batches.ids).toHaveLength(2);
});

test("lines of OpenAI's Batch format and tables are answered in their formats, with samples", async () => {
  const workspaceOf = await workspace();
  const { directory, write, read, remem } = workspaceOf;
  const line = (custom_id: string, content: string) => ({
    custom_id,
    method: "POST",
    url: "/v1/chat/completions",
    body: { ...question(content), model: "gpt-4o" },
  });
  write("in.jsonl", [line("a", "A"), line("b", "B"), line("c", "A")]);
  const flags = ["--deferred", "--wait", "0.05", "--samples", "2"];
  expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl", ...flags])).status).toBe(0);
  expect(read("out.jsonl")).toEqual(await direct(workspaceOf, ["--samples", "2"]));
  write("set.csv", ["question", "C", "D"]);
  const table = ["batch", "set.csv", "--field", "question"];
  expect((await remem([...table, "-o", "out.csv", "--deferred", "--wait", "0.05"])).status).toBe(0);
  await remem([...table, "-o", "direct.csv", "--store", "sqlite:direct.sqlite"]);
  const [out, asked] = ["out.csv", "direct.csv"].map((name) => readFileSync(join(directory, name), "utf8"));
  expect(out).toBe(asked);
});

test("two runs at once upload each request once", async () => {
  const workspaceOf = await workspace();
  const { write, read, remem, server } = workspaceOf;
  write("in.jsonl", lines(200));
  const run = (output: string) => remem(["batch", "in.jsonl", "-o", output, "--deferred", "--wait", "0.05"]);
  const runs = await Promise.all([run("one.jsonl"), run("two.jsonl")]);
  expect(runs.map(({ status }) => status)).toEqual([0, 0]);
  expect(server.batches.paid).toHaveLength(200);
  expect(new Set(server.batches.paid).size).toBe(200);
  const responses = (name: string) => read(name).map(({ response }) => response);
  expect(responses("one.jsonl")).toEqual(responses("two.jsonl"));
});

test("failures stand in their place in the server's words, and are asked again by the next run", async () => {
  const { write, read, remem, server } = await workspace();
  const body = { error: { message: "Too odd.", type: "invalid_request_error", param: "messages", code: "odd" } };
  server.batches.plan([{ replies: { 1: { status: 400, body } } }]);
  write("in.jsonl", lines(3));
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05"]);
  expect(run.status).toBe(1);
  expect(figure(run.err, "failed")).toBe("1");
  expect(read("out.jsonl")[1]).toMatchObject({
    id: 1,
    error: { code: "PROVIDER_ERROR", message: expect.stringContaining("Too odd."), status: 400 },
    cache_hit: false,
  });
  const next = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05"]);
  expect(next.status).toBe(0);
  expect(server.batches.paid).toHaveLength(3);
});

test("--journal records what a batch has answered, and stats --journal counts half the list price for it", async () => {
  const { write, remem, server } = await workspace();
  write("in.jsonl", lines(3));
  const args = ["batch", "in.jsonl", "-o", "out.jsonl"];
  const deferred = [...args, "--deferred", "--wait", "0.05", "--journal", "deferred.jsonl"];
  expect((await remem(deferred)).status).toBe(0);
  const direct = [...args, "--journal", "direct.jsonl", "--store", "sqlite:direct.sqlite"];
  expect((await remem(direct)).status).toBe(0);
  const paid = async (journal: string): Promise<{ calls: number; dollars: number }> => {
    const { misses, paid } = JSON.parse((await remem(["stats", "--journal", journal, "--json"])).out);
    return { calls: misses, dollars: paid.cost_usd };
  };
  const [half, whole] = [await paid("deferred.jsonl"), await paid("direct.jsonl")];
  expect(half.calls).toBe(3);
  expect(whole.calls).toBe(3);
  expect(half.dollars).toBeCloseTo(whole.dollars / 2, 12);
  expect(server.batches.paid).toHaveLength(3);
});

test("--max-calls and --max-cost limit what is submitted, at half the price", async () => {
  const { write, read, remem, server } = await workspace();
  write(
    "in.jsonl",
    lines(4).map((line) => ({ ...line, max_tokens: 1000 })),
  );
  const run = (...limit: string[]) => remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", ...limit]);
  const limited = await run("--wait", "0.05", "--max-calls", "1");
  expect(limited.status).toBe(1);
  expect(limited.err).toContain("--max-calls 1 is reached");
  expect(read("out.jsonl.partial")).toHaveLength(1);
  expect(server.batches.paid).toHaveLength(1);
  // An answer of 1,000 tokens costs $0.0006 directly, and half of that here.
  expect((await run("--max-cost", "0.0004")).status).toBe(1);
  expect((await run("--max-cost", "0.0001", "--wait", "0.05")).status).toBe(1);
  expect(server.batches.paid).toHaveLength(2);
});

test("with --wait, what answers have not cost of --max-cost is spent on the rest", async () => {
  const { write, read, remem, server } = await workspace();
  write(
    "in.jsonl",
    lines(4).map((line) => ({ ...line, max_tokens: 1000 })),
  );
  const args = ["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05", "--max-cost", "0.0007"];
  const run = await remem(args);
  expect(run.status, run.err).toBe(0);
  expect(read("out.jsonl")).toHaveLength(4);
  expect(figure(run.err, "provider calls")).toBe("4");
  expect(server.batches.paid).toHaveLength(4);
  expect(server.batches.ids).toHaveLength(2);
});

describe("deferred", () => {
  test("lists, shows and cancels batches, and notes about them are no entries", async () => {
    const { write, remem, server } = await workspace();
    server.batches.plan([{ hangsAfter: 1 }]);
    write("in.jsonl", lines(3));
    expect((await remem(["deferred", "ls"])).status).toBe(1);
    await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred"]);
    const listed = await remem(["deferred", "ls", "--json"]);
    expect(JSON.parse(listed.out)).toMatchObject({
      id: "batch_000001",
      model: "gpt-4o-mini",
      total: 3,
      provider: "openai",
    });
    expect((await remem(["deferred", "show", "batch_000001"])).out).toMatch(
      /^batch_000001 in_progress gpt-4o-mini 3 requests/,
    );
    expect((await remem(["ls"])).out).toBe("");
    expect(JSON.parse((await remem(["stats", "--json"])).out)).toMatchObject({ entries: 0 });
    expect((await remem(["verify"])).status).toBe(0);
    expect((await remem(["export", "python.sqlite"])).err).toMatch(/^0 exported, 0 already present, 0 skipped/);
    expect((await remem(["clear"])).err).toMatch(/^remem: 3 requests of batches lose their answers/);
    expect((await remem(["deferred", "cancel", "batch_000001"])).err).toMatch(/^cancelled batch_000001/);
    const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05"]);
    expect(run.status).toBe(1);
    expect(run.err).toMatch(/2 failed; first failure: .*was cancelled/);
    expect((await remem(["deferred", "cancel", "batch_000001"])).err).toBe("remem: batch_000001 has ended\n");
    expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05"])).status).toBe(0);
    expect(server.batches.paid).toHaveLength(3);
  });

  test("refuses what cannot work", async () => {
    const { write, remem, server } = await workspace();
    write("in.jsonl", lines(1));
    const refused = async (...args: string[]): Promise<string> => {
      const { status, err } = await remem(args);
      expect(status).toBe(2);
      return err;
    };
    expect(await refused("batch", "-", "--deferred")).toContain("give a file instead of -");
    expect(await refused("batch", "in.jsonl", "--deferred", "--cache", "reload")).toContain(
      "cannot be combined with --cache",
    );
    expect(await refused("batch", "in.jsonl", "--wait")).toContain("--wait is for --deferred");
    expect(await refused("batch", "in.jsonl", "--deferred", "--misses", "m.jsonl")).toContain(
      "cannot be used with option",
    );
    expect(await refused("deferred", "show")).toContain("give the id of a batch");
    expect(server.batches.uploads).toBe(0);
  });
});

/** What another host answers to the lines of a Batch file. */
function answersTo(misses: readonly Record<string, unknown>[], { baseURL }: Workspace["server"]) {
  return Promise.all(
    misses.map(async ({ custom_id, body }) => {
      const headers = { authorization: "Bearer key", "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      const response = await fetch(`${baseURL}/chat/completions`, init);
      return { custom_id, response: { status_code: 200, body: await response.json() }, error: null };
    }),
  );
}

describe("--misses", () => {
  test("writes a Batch file, and import takes what came back, in any order and by its keys", async () => {
    const workspaceOf = await workspace();
    const { write, read, remem, server } = workspaceOf;
    write("in.jsonl", [...lines(4), question("q1")]);
    const written = await remem(["batch", "in.jsonl", "--misses", "misses.jsonl"]);
    expect(written).toMatchObject({ status: 0, err: "4 requests written, 0 hits\n" });
    const misses = read("misses.jsonl");
    expect(misses[0]).toEqual({
      custom_id: expect.stringMatching(/^[\da-f]{64}$/),
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: "gpt-4o-mini", messages: [{ role: "user", content: "q0" }] },
    });
    expect(server.calls).toBe(0);
    const asked = await direct(workspaceOf);
    const answers = await answersTo(misses, server);
    const failed = { ...answers[3], response: { status_code: 400, body: { error: { message: "Too odd." } } } };
    write("results.jsonl", [failed, answers[2], answers[1], { ...answers[0], custom_id: "other" }]);
    const calls = server.calls;
    const imported = await remem(["import", "results.jsonl", "--requests", "misses.jsonl"]);
    expect(imported.status).toBe(1);
    expect(imported.err).toBe(
      "2 imported, 0 already present, 1 failed, 1 without a request in misses.jsonl\nremem: first failure: Too odd.\n",
    );
    write("results.jsonl", answers);
    const rest = await remem(["import", "results.jsonl", "--requests", "misses.jsonl"]);
    expect(rest).toMatchObject({ status: 0, err: "2 imported, 2 already present, 0 failed\n" });
    await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
    expect(server.calls).toBe(calls);
    expect(read("out.jsonl")).toEqual(asked.map((one) => ({ ...one, cache_hit: true })));
    const elsewhere = await remem([
      ...["import", "results.jsonl", "--requests", "misses.jsonl", "--store", "sqlite:other.sqlite"],
      ...["--base-url", "http://127.0.0.1:1/v1"],
    ]);
    expect(elsewhere.status).toBe(1);
    expect(elsewhere.err).toMatch(/4 with another key than that of their request\nremem: keys depend on the server/);
  });

  test("import takes the server from the configuration file, as --misses does", async () => {
    const { directory, write, read, remem, server } = await workspace();
    writeFileSync(join(directory, "remem.config.json"), JSON.stringify({ baseURL: server.baseURL, cacheDir: "own" }));
    write("in.jsonl", lines(2));
    const withoutServer = { OPENAI_BASE_URL: "" };
    await remem(["batch", "in.jsonl", "--misses", "misses.jsonl"], "", withoutServer);
    write("results.jsonl", await answersTo(read("misses.jsonl"), server));
    const imported = await remem(["import", "results.jsonl", "--requests", "misses.jsonl"], "", withoutServer);
    expect(imported).toMatchObject({ status: 0, err: "2 imported, 0 already present, 0 failed\n" });
    const calls = server.calls;
    expect((await remem(["batch", "in.jsonl", "-o", "out.jsonl"], "", withoutServer)).status).toBe(0);
    expect(server.calls).toBe(calls);
  });

  test("writes a line for each sample that is missing, and import takes them with the same --samples", async () => {
    const { write, read, remem, server } = await workspace();
    write("in.jsonl", lines(2));
    write("one.jsonl", lines(1));
    await remem(["batch", "one.jsonl", "-o", "one.out.jsonl"]);
    const written = await remem(["batch", "in.jsonl", "--samples", "3", "--misses", "misses.jsonl"]);
    expect(written).toMatchObject({ status: 0, err: "5 requests written, 1 hits\n" });
    const misses = read("misses.jsonl");
    expect(new Set(misses.map(({ custom_id }) => custom_id)).size).toBe(5);
    write("results.jsonl", await answersTo(misses, server));
    const forgotten = await remem(["import", "results.jsonl", "--requests", "misses.jsonl"]);
    expect(forgotten.err).toMatch(/^1 imported, .* 4 with another key .*\n.*--samples as for --misses/);
    const imported = await remem(["import", "results.jsonl", "--requests", "misses.jsonl", "--samples", "3"]);
    expect(imported).toMatchObject({ status: 0, err: "4 imported, 1 already present, 0 failed\n" });
    const calls = server.calls;
    expect((await remem(["batch", "in.jsonl", "--samples", "3", "-o", "out.jsonl"])).status).toBe(0);
    expect(server.calls).toBe(calls);
  });
});
