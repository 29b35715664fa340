import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { describe, expect, test } from "vitest";
import { readCommandLine } from "../src/command-line.ts";
import { SCENARIOS } from "../src/scenarios.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

describe("the command line", () => {
  test("runs all scenarios with full effort by default", () => {
    expect(readCommandLine([])).toEqual({ help: false, effort: "full", scenarios: SCENARIOS });
  });

  test("takes scenarios separated by commas, and runs them in their own order", () => {
    const { effort, scenarios } = readCommandLine(["--quick", "--only", "writes,key"]);
    expect(effort).toBe("quick");
    expect(scenarios.map(({ id }) => id)).toEqual(["key", "writes"]);
  });

  test.each([
    [["--slow"], "--slow"],
    [["hit"], "'hit'"],
    [["--only", "hit,everything"], "--only everything: there is no such scenario. Use key, hit"],
    [["--out", "/no/such/directory/results.json"], "Create it first"],
  ])("%j is refused with a reason", (args, words) => {
    expect(() => readCommandLine(args)).toThrow(words);
  });
});

describe("the command", () => {
  test("ends with one line and status 2 for invalid arguments", () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, "--slow"], { encoding: "utf8" });
    expect(stderr).toMatch(/^.*--slow.* See npm run bench -- --help\.\n$/);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test("writes its results, with the machine and the versions", async () => {
    const out = join(temporaryDirectory(), "results.json");
    const { status, stderr } = spawnSync(process.execPath, [
      "--no-warnings",
      MAIN,
      "--quick",
      "--only",
      "key",
      "--out",
      out,
    ]);
    expect(String(stderr)).toBe("");
    expect(status).toBe(0);
    const { machine, date, peers, tables } = JSON.parse(readFileSync(out, "utf8"));
    expect(machine).toContain(`Node ${process.versions.node}`);
    expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(peers).toEqual(
      expect.arrayContaining([expect.stringMatching(/^keyv 6\.\d/), expect.stringMatching(/^ai \d/)]),
    );
    expect(peers.join()).not.toMatch(/remem|vega/);
    expect(tables[0].id).toBe("key/1KB");
  });

  // Windows has no signals.
  test.skipIf(process.platform === "win32")("leaves nothing behind when interrupted", async () => {
    const TMPDIR = temporaryDirectory();
    const child = spawn(process.execPath, ["--no-warnings", MAIN, "--quick", "--only", "batch"], {
      env: { ...process.env, TMPDIR },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const chunk of child.stdout) if (String(chunk).includes("Batch of")) break; // Its processes are working on the next table.
    child.kill("SIGINT");
    await once(child, "exit");
    await expect.poll(() => readdirSync(TMPDIR), { timeout: 10_000 }).toEqual([]);
  });
});
