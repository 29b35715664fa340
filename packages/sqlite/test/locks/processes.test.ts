import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Child } from "@remem/test-support/child";
import { canContain } from "@remem/test-support/container";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { expect, test, vi } from "vitest";
import { sqliteStore } from "../../src/index.ts";
import { fileFlights } from "../../src/locks/index.ts";
import { start, startContained, startContainedWithOtherBoot } from "./child.ts";

/** Waits until a process that waits for a lock has looked for its holder: other processes start and end. */
async function looksTwice(waiter: Child): Promise<void> {
  for (let other = 0; other < 5; other++) await start("idle", temporaryDirectory()).end;
  expect(waiter.messages).not.toContain("leads");
}

test("importing and creating flights leaves no file and no timer, and a lease keeps no process alive", async () => {
  const child = start("idle", join(temporaryDirectory(), "locks"));
  await child.says({ made: { isThere: false, timers: 0 }, leading: { isThere: true, timers: 0 } });
  expect(await child.end).toEqual({ code: 0, output: "" });
});

test("a process that has nothing to do but wait keeps waiting", async () => {
  const directory = temporaryDirectory();
  const lease = await fileFlights(directory).enter("k");
  const child = start("waiter", directory, "k");
  await child.says("waits");
  // Long enough for it to end if nothing kept it alive: another process starts and ends.
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

test.skipIf(!canContain)(
  "a leader that is killed in another container, which sees no process of this one, is succeeded",
  async () => {
    const directory = temporaryDirectory();
    for (let kill = 0; kill < 3; kill++) {
      const leader = start("leader", directory, "k");
      await leader.says("leads");
      const contained = startContained("leader", directory, "k");
      await contained.says("waits");
      leader.process.kill("SIGKILL");
      await contained.says("leads");
      const successor = start("leader", directory, "k");
      await successor.says("waits");
      contained.process.kill("SIGKILL");
      await successor.says("leads");
      successor.process.send("release");
      await successor.end;
    }
  },
);

test.skipIf(!canContain)(
  "a leader that is killed in a container with a boot id of its own is succeeded before its lease expires, in both directions",
  async () => {
    const directory = temporaryDirectory();
    const contained = startContainedWithOtherBoot("leader", directory, "k");
    await contained.says("leads");
    const successor = start("leader", directory, "k");
    await successor.says("waits");
    await looksTwice(successor);
    contained.process.kill("SIGKILL");
    await successor.says("leads");
    const last = startContainedWithOtherBoot("leader", directory, "k");
    await last.says("waits");
    await looksTwice(last);
    successor.process.kill("SIGKILL");
    await last.says("leads");
  },
  20_000,
);

test.skipIf(!canContain)(
  "a process that is killed in another container while it maintains a file is succeeded before its lease expires",
  async () => {
    const path = temporaryFile();
    const contained = startContained("maintainer", path);
    await vi.waitFor(() => expect(existsSync(`${path}.maintained`)).toBe(true), { timeout: 10_000, interval: 10 });
    contained.process.kill("SIGKILL");
    const store = sqliteStore({ path });
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
    await store.close();
  },
  20_000,
);

test.skipIf(!canContain)("a live leader in another container is waited for, even while it is suspended", async () => {
  const directory = temporaryDirectory();
  const contained = startContained("leader", directory, "k");
  await contained.says("leads");
  const waiter = start("leader", directory, "k");
  await waiter.says("waits");
  const children = readFileSync(`/proc/${contained.process.pid}/task/${contained.process.pid}/children`, "utf8");
  const inside = Number(children.trim());
  process.kill(inside, "SIGSTOP");
  // Long enough to find a dead one several times: other processes start and end.
  for (let other = 0; other < 5; other++) await start("idle", temporaryDirectory()).end;
  expect(waiter.messages).not.toContain("leads");
  process.kill(inside, "SIGCONT");
  contained.process.send("release");
  await waiter.says("leads");
});

test("a worker thread that is terminated while it leads is succeeded, and its process keeps its other leases", async () => {
  const directory = temporaryDirectory();
  const leader = start("threads", directory);
  await leader.says("thread leads a");
  await leader.says("main leads b");
  const [a, b] = [start("leader", directory, "a"), start("leader", directory, "b")];
  await Promise.all([a.says("waits"), b.says("waits")]);
  leader.process.send("terminate");
  await a.says("leads");
  await leader.says("terminated");
  expect(b.messages).not.toContain("leads");
});

test("a leader that is suspended beyond its lease is succeeded by one, and has lost the lease when it resumes", async () => {
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

test("eight processes that concurrently find the lock of a dead one lead one at a time", async () => {
  const stress = fileURLToPath(new URL("stress.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [stress, "30"], { timeout: 50_000 });
  expect(JSON.parse(stdout)).toMatchObject({ rounds: 30, overlaps: 0, left: 0 });
});
