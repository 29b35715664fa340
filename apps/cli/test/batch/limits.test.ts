import { expect, test } from "vitest";
import { question, workspace } from "../support/remem.ts";

const questions = (count: number) => Array.from({ length: count }, (_, index) => question(`question ${index}`));
const figure = (err: string, name: string) => new RegExp(`^${name} {2,}(.*)$`, "m").exec(err)?.[1];

test("a rate limit is waited for once, for all lines, and every line is answered", async () => {
  const { write, read, remem, server } = await workspace();
  write("in.jsonl", questions(100));
  server.script(Array.from({ length: 10 }, () => ({ status: 429, headers: { "retry-after-ms": "600" } })));
  const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  expect({ status, calls: server.calls, answers: read("out.jsonl").length }).toEqual({
    status: 0,
    calls: 110,
    answers: 100,
  });
  expect(err.match(/the server limits the rate; all calls wait until \d\d:\d\d:\d\d/g)).toHaveLength(1);
});

test("a request that is larger than --tpm is sent, and the command says so once", async () => {
  const { write, remem, server } = await workspace();
  write("in.jsonl", [question("a".repeat(4_000))]);
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--tpm", "100"]);
  expect({ status: run.status, calls: server.calls }).toEqual({ status: 0, calls: 1 });
  expect(run.err).toMatch(
    /^remem: a request of about [\d,]+ tokens is larger than --tpm 100; such requests are sent alone$/m,
  );
});

test("a wait that is longer than --max-wait ends the run, and the next run answers the rest", async () => {
  const { write, read, remem, server } = await workspace();
  write("in.jsonl", questions(50));
  server.script([{}, {}, {}, { status: 429, headers: { "retry-after": "90" } }]);
  const run = ["batch", "in.jsonl", "-o", "out.jsonl", "--max-wait", "5", "--concurrency", "3"];
  const first = await remem(run);
  expect(first.status).toBe(1);
  expect(first.err).toMatch(
    /remem: stopped: "openai" limits the rate of requests until [\d-]+ [\d:]+ UTC, and --max-wait allows 5000 ms\. Run the command again then/,
  );
  expect(first.err).not.toMatch(/first failure/);
  expect(server.calls).toBeLessThanOrEqual(6);
  expect(read("out.jsonl.partial").every((record) => "response" in record)).toBe(true);
  const second = await remem(run);
  expect(second.status).toBe(0);
  expect(figure(second.err, "hits")).toBe(String(read("out.jsonl").length - Number(figure(second.err, "misses"))));
  expect(read("out.jsonl")).toHaveLength(50);
});

test.each([
  ["a wrong key", 401],
  ["a key without rights", 403],
  ["an unknown model", 404],
])("%s ends the run after the first few calls, with one message, unless --keep-going", async (_, failure) => {
  const { write, read, remem, server } = await workspace();
  write("in.jsonl", questions(60));
  server.script(Array.from({ length: 200 }, () => ({ status: failure })));
  const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "2"]);
  expect(status).toBe(1);
  expect(err.match(new RegExp(`answered ${failure}`, "g"))).toHaveLength(1);
  expect(err).toMatch(/remem: stopped: .*3 calls in a row failed so; --keep-going asks on/);
  expect(server.calls).toBeLessThanOrEqual(8);
  expect(read("out.jsonl.partial").length).toBeLessThanOrEqual(8);

  await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--keep-going"]);
  expect(read("out.jsonl")).toHaveLength(60);
});

test("a server that is not there ends the run, and no call is counted that was not sent", async () => {
  const { write, remem, server } = await workspace();
  write("in.jsonl", questions(20));
  await server.close();
  const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--retries", "0"]);
  expect(status).toBe(1);
  expect(err).toMatch(/remem: stopped: "openai" could not be reached/);
  expect(figure(err, "provider calls")).toBe("0");
});

test("a missing key ends the run with the first call", async () => {
  const { write, remem } = await workspace();
  write("in.jsonl", questions(20));
  const { status, err } = await remem(["batch", "in.jsonl", "-o", "out.jsonl"], "", { OPENAI_API_KEY: "" });
  expect(status).toBe(1);
  expect(err).toMatch(/remem: stopped: There is no API key: set OPENAI_API_KEY/);
  expect(figure(err, "provider calls")).toBe("0");
});

test("failures of single lines do not end the run, unless there are --max-failures", async () => {
  const { write, read, remem, server } = await workspace();
  write("in.jsonl", questions(30));
  server.script(Array.from({ length: 8 }, () => ({ status: 400 })));
  const all = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "1"]);
  expect({ status: all.status, failed: figure(all.err, "failed") }).toEqual({ status: 1, failed: "8" });
  expect(read("out.jsonl")).toHaveLength(30);
  server.script(Array.from({ length: 8 }, () => ({ status: 400 })));
  const run = [
    "batch",
    "in.jsonl",
    "-o",
    "out.jsonl",
    "--concurrency",
    "1",
    "--max-failures",
    "4",
    "--cache",
    "reload",
  ];
  const some = await remem(run);
  expect(some.err).toMatch(/remem: stopped: 4 failed \(--max-failures 4\), the last one: "openai" answered 400/);
  expect(read("out.jsonl.partial").length).toBeLessThanOrEqual(5); // A call was in flight.
});
