import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, openSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { question, workspace } from "../support/remem.ts";

describe("nothing is replaced before the run can begin: an output that is the input", () => {
  test.each<[string, string, (directory: string) => void]>([
    ["by its name", "./in.jsonl", () => {}],
    [
      "by a symbolic link",
      "link.jsonl",
      (directory) => symlinkSync(join(directory, "in.jsonl"), join(directory, "link.jsonl")),
    ],
    [
      "by a hard link",
      "hard.jsonl",
      (directory) => linkSync(join(directory, "in.jsonl"), join(directory, "hard.jsonl")),
    ],
  ])("%s", async (_, output, prepare) => {
    const { write, remem, server, directory } = await workspace();
    write("in.jsonl", [question("Hi")]);
    prepare(directory);
    const { status, err } = await remem(["batch", "in.jsonl", "-o", output]);
    expect({ status, calls: server.calls }).toEqual({ status: 2, calls: 0 });
    expect(err).toMatch(/the output would overwrite its input, .*in\.jsonl|hard\.jsonl/);
    expect(readFileSync(join(directory, "in.jsonl"), "utf8")).toContain("Hi");
  });

  test("as the partial output of an earlier run", async () => {
    const { write, remem, directory } = await workspace();
    write("out.jsonl.partial", [question("Hi")]);
    const { status, err } = await remem(["batch", "out.jsonl.partial", "-o", "out.jsonl"]);
    expect(status).toBe(2);
    expect(err).toMatch(/would overwrite its input/);
    expect(readFileSync(join(directory, "out.jsonl.partial"), "utf8")).toContain("Hi");
  });

  test.skipIf(process.platform === "win32")("through standard input", async () => {
    const { write, directory } = await workspace();
    write("in.jsonl", [question("Hi")]);
    const bin = new URL("../../bin/remem.js", import.meta.url).pathname;
    const run = spawnSync(process.execPath, [bin, "batch", "-", "-o", "in.jsonl"], {
      cwd: directory,
      stdio: [openSync(join(directory, "in.jsonl"), "r"), "pipe", "pipe"],
      encoding: "utf8",
    });
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/would overwrite its input/);
    expect(readFileSync(join(directory, "in.jsonl"), "utf8")).toContain("Hi");
  });
});

test("an input that is a directory is refused, and the output is kept", async () => {
  const { write, remem, directory } = await workspace();
  mkdirSync(join(directory, "in"));
  write("out.jsonl", ["kept"]);
  const { status, err } = await remem(["batch", "in", "-o", "out.jsonl"]);
  expect(status).toBe(2);
  expect(err).toMatch(/in is a directory/);
  expect(readFileSync(join(directory, "out.jsonl"), "utf8")).toBe("kept\n");
});

test("an earlier output is kept until the new one is complete, with its mode and behind its link", async () => {
  const { write, read, start, server, directory } = await workspace();
  write("real.jsonl", ["kept"]);
  symlinkSync("real.jsonl", join(directory, "out.jsonl"));
  const mode = statSync(join(directory, "real.jsonl")).mode;
  write("in.jsonl", [question("a"), question("b")]);
  server.script([{}, { stall: "headers" }]);
  const command = start(["batch", "in.jsonl", "-o", "out.jsonl", "--concurrency", "1"]);
  await expect.poll(() => server.calls, { timeout: 10_000 }).toBe(2);
  expect(readFileSync(join(directory, "out.jsonl"), "utf8")).toBe("kept\n");
  command.kill("SIGINT");
  command.kill("SIGINT");
  await command.ended;

  const again = start(["batch", "in.jsonl", "-o", "out.jsonl"]);
  again.stdin?.end();
  expect((await again.ended).status).toBe(0);
  expect(read("out.jsonl")).toHaveLength(2);
  expect(read("real.jsonl")).toHaveLength(2);
  expect(statSync(join(directory, "real.jsonl")).mode).toBe(mode);
  expect(existsSync(join(directory, "real.jsonl.partial"))).toBe(false);
});

test.skipIf(process.platform === "win32")("a device is written as it is", async () => {
  const { write, remem } = await workspace();
  write("in.jsonl", [question("a")]);
  const { status } = await remem(["batch", "in.jsonl", "-o", "/dev/null"]);
  expect(status).toBe(0);
  expect(existsSync("/dev/null.partial")).toBe(false);
});
