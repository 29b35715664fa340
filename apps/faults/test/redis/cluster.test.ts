import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Client, cacheKey } from "@remem/core";
import { redisStore } from "@remem/redis";
import { type Cluster, type ClusterOptions, connectToCluster, startCluster } from "@remem/test-support/redis/cluster";
import { ask as askNode } from "@remem/test-support/redis/replicated";
import { fakeProvider } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, hearWarnings, open, rightAnswer } from "../client.ts";
import { canStartRedis } from "../stores.ts";

const MODEL = "gpt-4o-mini";
const SLOTS = 16_384;
const MASTERS = 3;

async function clusterFor(options: ClusterOptions): Promise<Cluster> {
  const cluster = await startCluster(options);
  onTestFinished(() => cluster.stop());
  return cluster;
}

/** Independent clients, as in several processes, and the number of calls for each question. */
async function clientsOver(cluster: Cluster, count: number) {
  const calls = new Map<string, number>();
  const provider = fakeProvider(({ messages }) => {
    const question = String(messages.at(-1)?.content);
    calls.set(question, (calls.get(question) ?? 0) + 1);
    return rightAnswer(question);
  });
  async function connect(): Promise<Client> {
    const connection = await connectToCluster(cluster);
    onTestFinished(() => connection.destroy());
    return open({ provider, model: MODEL, store: redisStore({ client: connection }) }).client;
  }
  return { calls, clients: await Promise.all(Array.from({ length: count }, connect)) };
}

const questions = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name} ${n}`);

/** Every client asks every question, and every answer is right. */
async function allAsk(clients: readonly Client[], asked: readonly string[]): Promise<void> {
  const results = await Promise.all(clients.flatMap((client) => asked.map((question) => ask(client, question))));
  for (const [index, { response }] of results.entries()) {
    expect(response).toBe(rightAnswer(asked[index % asked.length]));
  }
}

/** The questions whose answers are on the master with this number. */
async function on(master: number, { nodes }: Cluster, asked: readonly string[]): Promise<string[]> {
  const slots = await askNode(nodes[1]!.url, (client) =>
    Promise.all(
      asked.map((content) => {
        const key = cacheKey({ model: MODEL, messages: [{ role: "user", content }] });
        return client.sendCommand<number>(["CLUSTER", "KEYSLOT", `remem:v1:{${key}}:v`]);
      }),
    ),
  );
  return asked.filter((_, index) => Math.floor((slots[index]! * MASTERS) / SLOTS) === master);
}

describe.skipIf(!canStartRedis)("of a cluster", () => {
  test("a master that is down for good costs nothing for keys on the others", { timeout: 120_000 }, async () => {
    hearWarnings();
    const cluster = await clusterFor({ fullCoverage: false });
    const { clients, calls } = await clientsOver(cluster, 2);
    const [stored, fresh] = [questions("stored", 40), questions("new", 96)];
    await allAsk(clients, stored);
    expect([...calls.values()].every((count) => count === 1)).toBe(true);

    await cluster.nodes[0]!.stop();
    const all = [...stored, ...fresh];
    const lost = new Set(await on(0, cluster, all));
    for (let round = 0; round < 2; round++) await allAsk(clients, all);
    for (const question of all) {
      // For keys on the lost master, each client calls the provider every time.
      if (!lost.has(question)) expect([question, calls.get(question)]).toEqual([question, 1]);
    }
    const batches = clients.map((client) => client.batchInfer(all.map((content) => [{ role: "user", content }])));
    for (const results of await Promise.all(batches)) {
      for (const [index, result] of results.entries()) {
        expect(result).toMatchObject({ response: rightAnswer(all[index]) });
        if (!lost.has(all[index]!)) expect(result).toMatchObject({ source: "store" });
      }
    }
  });

  test("a killed master costs each key one more call at most, and none once its replica has taken over", {
    timeout: 120_000,
  }, async () => {
    hearWarnings();
    const cluster = await clusterFor({ replicas: true });
    const { clients, calls } = await clientsOver(cluster, 3);
    const stored = questions("stored", 60);
    await allAsk(clients, stored);
    const [master] = await cluster.masters();
    const [fresh, late] = [questions("new", 60), questions("late", 60)];
    const before = allAsk(clients, fresh);
    await Promise.all([master!.stop(), before]);
    await allAsk(clients, [...stored, ...late]);
    for (const [question, count] of calls) expect([question, count <= 2]).toEqual([question, true]);

    const paid = new Map(calls);
    await allAsk(clients, [...stored, ...fresh, ...late]);
    expect(calls).toEqual(paid);
  });
});

test.skipIf(!canStartRedis).each(["cluster", "sentinel"])(
  "masters of a %s are killed and restarted: no wrong answer, no unexplained call, and no caller waits for a lease",
  { timeout: 180_000 },
  async (store) => {
    const soak = fileURLToPath(new URL("../soak/failovers.ts", import.meta.url));
    const { NODE_OPTIONS: _, ...env } = process.env;
    // Less than a lease, but more than the default of the soak, because servers start slowly on a busy machine.
    const args = [soak, "--store", store, "--seconds", "30", "--patience", "14000"];
    const run = promisify(execFile)(process.execPath, args, { env });
    const { stdout } = await run.catch((error) => error);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [], unexcused: 0, wrong: 0 });
  },
);
