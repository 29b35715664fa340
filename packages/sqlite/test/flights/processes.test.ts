import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { fileFlights } from "../../src/flights/index.ts";
import { temporaryDirectory } from "../temporary.ts";
import { start } from "./child.ts";

test("importing and making flights leaves no file and no timer, and a lead keeps no process", async () => {
  const child = start("idle", join(temporaryDirectory(), "locks"));
  await child.says({ made: { isThere: false, timers: 0 }, leading: { isThere: true, timers: 0 } });
  expect(await child.end).toEqual({ code: 0, output: "" });
});

test("a process that has nothing to do but wait goes on waiting", async () => {
  const directory = temporaryDirectory();
  const lease = await fileFlights(directory).enter("k");
  const child = start("waiter", directory, "k");
  await child.says("waits");
  // Time for it to end, were nothing to keep it: another process comes up and goes.
  const other = start("idle", temporaryDirectory());
  await other.end;
  expect(child.process.exitCode).toBeNull();
  await lease?.[Symbol.asyncDispose]();
  expect(await child.end).toEqual({ code: 0, output: "changed\n" });
});

test("a leader that is killed is succeeded", async ({ annotate }) => {
  const directory = temporaryDirectory();
  const tookMs: number[] = [];
  let leader = start("leader", directory, "k");
  await leader.says("leads");
  for (let kill = 0; kill < 5; kill++) {
    const successor = start("leader", directory, "k");
    await successor.says("waits");
    const killedAt = performance.now();
    leader.process.kill("SIGKILL");
    await successor.says("leads");
    tookMs.push(Math.round(performance.now() - killedAt));
    leader = successor;
  }
  await annotate(`from kill to lead: ${tookMs.sort((a, b) => a - b).join(", ")} ms`);
});

test("a leader that is stopped beyond its lease is succeeded by one, and has lost when it wakes", async () => {
  const directory = temporaryDirectory();
  const timings = JSON.stringify({ beatMs: 50, leaseMs: 1_500, tickMs: 20, checkMs: 50 });
  const stopped = start("leader", directory, "k", timings);
  await stopped.says("leads");
  const [one, two] = [start("leader", directory, "k", timings), start("leader", directory, "k", timings)];
  await Promise.all([one.says("waits"), two.says("waits")]);
  stopped.process.kill("SIGSTOP");
  await Promise.race([one.says("leads"), two.says("leads")]);

  stopped.process.kill("SIGCONT");
  await stopped.says("lost");
  stopped.process.send("release");
  await stopped.says("released");

  const [successor, other] = one.messages.includes("leads") ? [one, two] : [two, one];
  expect(other.messages).not.toContain("leads");
  successor.process.send("release");
  await other.says("leads");
  expect(successor.messages).not.toContain("lost");
});

test("eight processes that find the lock of a dead one at once lead one at a time", async () => {
  const stress = fileURLToPath(new URL("stress.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [stress, "30"], { timeout: 50_000 });
  expect(JSON.parse(stdout)).toMatchObject({ rounds: 30, overlaps: 0, left: 0 });
});
