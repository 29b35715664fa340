import { canStartPostgres, startPostgres } from "@remem/test-support/postgres/start-postgres";
import { canStartRedis, startRedis } from "@remem/test-support/redis/redis-server";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test } from "vitest";
import { question, type Run, type Workspace, workspace } from "../support/remem.ts";

const LINES = 200;

interface Stores {
  readonly canStart: boolean;
  /** Whether its stores have leases. */
  readonly coordinates: boolean;
  /** Starts a server, which ends after the test, and returns the URL of a store. */
  start(): Promise<string>;
}

const STORES: Readonly<Record<string, Stores>> = {
  Redis: {
    canStart: canStartRedis,
    coordinates: true,
    async start() {
      const { url, stop } = await startRedis();
      onTestFinished(stop);
      return url;
    },
  },
  "PostgreSQL through Keyv": {
    canStart: canStartPostgres,
    coordinates: false,
    async start() {
      const { url, remove } = await startPostgres();
      onTestFinished(remove);
      return url;
    },
  },
};

/** A machine with a home and a temporary directory of its own, which asks the same server. */
async function host({ server }: Pick<Workspace, "server">, url: string) {
  const place = await workspace();
  const env = { HOME: temporaryDirectory(), TMPDIR: temporaryDirectory(), OPENAI_BASE_URL: server.baseURL };
  place.write(
    "in.jsonl",
    Array.from({ length: LINES }, (_, index) => question(`q${index}`, { id: index })),
  );
  return {
    read: place.read,
    remem: (...args: string[]): Promise<Run> => place.remem([...args, "--store", url], "", env),
  };
}

for (const [name, { canStart, coordinates, start }] of Object.entries(STORES)) {
  describe.skipIf(!canStart)(`over ${name}`, () => {
    test("two hosts with equal requests pay for each once, and leave nothing to ask directly", async () => {
      const url = await start();
      const shared = await workspace();
      shared.server.batches.plan([{ running: 1, expiresAfter: 100 }]);
      const [one, other] = await Promise.all([host(shared, url), host(shared, url)]);
      const wait = ["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05"];
      const runs = await Promise.all([one.remem(...wait), other.remem(...wait)]);
      for (const { status, err } of runs) {
        expect(status, err).toBe(0);
        expect(err.includes("has no leases")).toBe(!coordinates);
      }
      expect(new Set(shared.server.batches.paid).size).toBe(LINES);
      expect(shared.server.batches.paid).toHaveLength(LINES);
      const responses = [one, other].map(({ read }) => read("out.jsonl").map(({ response }) => response));
      expect(responses[0]).toHaveLength(LINES);
      expect(responses[1]).toEqual(responses[0]);
      const direct = await other.remem("batch", "in.jsonl", "-o", "direct.jsonl");
      expect(direct.status, direct.err).toBe(0);
      expect(shared.server.calls).toBe(0);
    });

    test("a host takes what another has submitted, lists it and cancels it", async () => {
      const url = await start();
      const shared = await workspace();
      shared.server.batches.plan([{ hangsAfter: 5 }]);
      const [one, other] = await Promise.all([host(shared, url), host(shared, url)]);
      const args = ["batch", "in.jsonl", "-o", "out.jsonl", "--deferred"];
      expect((await one.remem(...args)).status).toBe(3);
      expect((await other.remem(...args)).status).toBe(3);
      expect(shared.server.batches.uploads).toBe(1);
      expect((await other.remem("deferred", "ls")).out).toMatch(/^batch_000001 \w+ gpt-4o-mini 200 requests/);
      expect((await other.remem("deferred", "cancel", "batch_000001")).status).toBe(0);
      const cancelled = await one.remem(...args, "--wait", "0.05");
      expect(cancelled.status).toBe(1);
      expect(one.read("out.jsonl").filter(({ error }) => error === undefined)).toHaveLength(5);
      const rest = await other.remem(...args, "--wait", "0.05");
      expect(rest.status, rest.err).toBe(0);
      expect(new Set(shared.server.batches.paid).size).toBe(LINES);
      expect(shared.server.batches.paid).toHaveLength(LINES);
    });
  });
}
