import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { completionsServer } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { TIMINGS } from "../src/leases.ts";
import { start, startLeader } from "./child.ts";
import { connectTo, openStore } from "./redis.ts";

async function startServer(): Promise<RedisServer> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  return redis;
}

describe.skipIf(!canStartRedis)("processes", () => {
  test("load and start nothing by creating a store, and exit although one is open and holds a lease", async () => {
    const { url } = await startServer();
    const child = start("idle", url);
    await child.says({ made: { isLoaded: false, started: [] }, used: { isLoaded: true, started: [] } });
    expect(await child.end).toEqual({ code: 0, output: "" });
  });

  test("that only wait for a lease stay alive until it is released, and exit then", async () => {
    const { url } = await startServer();
    const lease = await openStore({ url }).flights!.enter("k");
    const child = start("waiter", JSON.stringify({ url }), "k");
    await child.says("waits");
    // Time enough for it to exit if nothing kept it alive: another process starts and exits.
    await start("idle", url).end;
    expect(child.process.exitCode).toBeNull();
    await lease?.[Symbol.asyncDispose]();
    expect(await child.end).toEqual({ code: 0, output: "released\n" });
  });

  test("pay for a hundred answers when sixteen of them ask the same hundred questions three times each", async () => {
    const [processes, count] = [16, 100];
    await using server = await completionsServer({ latencyMs: 50 });
    const { url } = await startServer();
    // The host may be too busy for the default timeout.
    const askers = Array.from({ length: processes }, () =>
      start("asker", JSON.stringify({ url, timeoutMs: 30_000 }), server.baseURL, `${count}`),
    );
    await Promise.all(askers.map((asker) => asker.says("ready")));
    for (const asker of askers) asker.process.send("go");
    for (const { end } of askers) expect(await end).toEqual({ code: 0, output: "" });

    expect(server.calls).toBe(count);
    const reports = askers.map(({ messages }) => messages.at(-1) as { answers: string[]; misses: number });
    const [{ answers } = { answers: [] }] = reports;
    expect(new Set(answers.slice(0, count)).size).toBeGreaterThan(1);
    for (const report of reports) {
      expect(report).toMatchObject({ answers, storeErrors: 0 });
      expect(report.answers).toEqual([0, 1, 2].flatMap(() => answers.slice(0, count)));
    }
    expect(reports.reduce((sum, { misses }) => sum + misses, 0)).toBe(count);
    expect(await (await connectTo(url)).keys("*:l")).toEqual([]);
  }, 120_000);

  test("that are suspended beyond their lease are succeeded by one other, and disturb nothing when they resume", async () => {
    const { url } = await startServer();
    const [store, admin] = [{ url }, await connectTo(url)];
    const stopped = startLeader(store, "k", { ...TIMINGS, leaseMs: 6_000 });
    await stopped.says("leads");
    const [one, two] = [startLeader(store, "k"), startLeader(store, "k")];
    await Promise.all([one.says("waits"), two.says("waits")]);
    stopped.process.kill("SIGSTOP");
    await admin.pExpire("remem:v1:{k}:l", 1); // Expires the lease early, as without a heartbeat.
    await Promise.race([one.says("leads"), two.says("leads")]);
    const [successor, other] = one.messages.includes("leads") ? [one, two] : [two, one];
    successor.process.send("the successor's answer");
    await successor.says("kept");

    stopped.process.send("an answer that was in flight");
    stopped.process.kill("SIGCONT");
    await Promise.all([stopped.says("kept"), stopped.says("lost")]);
    expect(await admin.get("remem:v1:{k}:v")).toBe("the successor's answer");
    stopped.process.send("release");
    await stopped.says("released");

    expect(other.messages).not.toContain("leads");
    expect(await admin.exists("remem:v1:{k}:l")).toBe(1);
    successor.process.send("release");
    await other.says("leads");
    expect(successor.messages).not.toContain("lost");
  });
});
