import { type Child, startChild } from "@remem/test-support/child";
import { temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, test, vi } from "vitest";
import { ask, echo, hearWarnings, open, rightAnswer, startServer } from "../client.ts";
import { execute, integrityOf } from "../database.ts";
import { processFile, startWorker } from "../worker.ts";

/** Another program that holds the file locked until it is told. */
async function lock(path: string): Promise<{ release(): Promise<void> }> {
  const holder: Child = startChild(processFile("holder"), [path]);
  await holder.says("locked");
  return {
    async release() {
      holder.process.send("release");
      await holder.says("released");
    },
  };
}

describe.each(["WAL", "DELETE"])("while another program has the file locked (%s),", (mode) => {
  async function lockedCache() {
    const path = temporaryFile();
    execute(path, `PRAGMA journal_mode = ${mode}; CREATE TABLE theirs (a)`);
    const provider = echo();
    const { client, events } = open({ provider, store: `sqlite:${path}` });
    await ask(client, "before");
    return { path, provider, client, events, holder: await lock(path) };
  }
  const questions = ["a", "b", "c", "d"];

  test("callers have their answers, each is paid for once, and all are stored when the lock is gone", async () => {
    hearWarnings();
    const { client, provider, holder, path } = await lockedCache();
    for (const question of questions) {
      expect(await ask(client, question)).toMatchObject({ response: rightAnswer(question), source: "provider" });
      expect(await ask(client, question)).toMatchObject({ response: rightAnswer(question), source: "store" });
    }
    expect(provider.calls).toHaveLength(1 + questions.length);
    expect(client.stats()).toMatchObject({ stored: 1, notStored: {} });
    await holder.release();
    await vi.waitFor(() => expect(client.stats().stored).toBe(1 + questions.length), { timeout: 10_000 });
    const { client: later } = open({ provider: echo(), store: `sqlite:${path}` });
    for (const question of questions) expect((await ask(later, question)).source).toBe("store");
    expect(integrityOf(path)).toBe("ok");
  });

  test("close waits for the lock", async () => {
    hearWarnings();
    const { client, holder, path } = await lockedCache();
    for (const question of questions) await ask(client, question);
    const closing = client.close();
    await holder.release();
    await closing;
    expect(client.stats()).toMatchObject({ stored: 1 + questions.length, notStored: {} });
    const { client: later } = open({ provider: echo(), store: `sqlite:${path}` });
    expect((await ask(later, "d")).source).toBe("store");
  });

  test("close ends within its grace, and says what is lost", async () => {
    const warnings = hearWarnings();
    const { client, events, holder } = await lockedCache();
    for (const question of questions) await ask(client, question);
    await client.close();
    expect(client.stats()).toMatchObject({ stored: 1, notStored: { "store-error": questions.length } });
    const lost = events.filter((event) => event.type === "store-error" && event.operation === "set");
    expect(lost).toHaveLength(questions.length);
    expect(warnings.texts.join()).toMatch(/cache\.sqlite was closed while another connection had the file locked/);
    await holder.release();
  });

  test("a process with answers that wait ends by itself once its client is closed", async () => {
    const { path, holder } = await lockedCache();
    const server = await startServer();
    const worker = await startWorker(
      { store: `sqlite:${path}`, baseURL: server.baseURL },
      { env: { NODE_NO_WARNINGS: "1" } },
    );
    expect((await worker.ask(questions)).map(({ source }) => source)).toEqual(questions.map(() => "provider"));
    expect(await worker.close()).toMatchObject({ code: 0, signal: null });
    await holder.release();
  });

  test("a process that waits for the leader of another goes on, too", async () => {
    const { path, holder } = await lockedCache();
    const server = await startServer({ latencyMs: 300 });
    const options = { store: `sqlite:${path}`, baseURL: server.baseURL };
    const workers = await Promise.all([1, 2].map(() => startWorker(options, { env: { NODE_NO_WARNINGS: "1" } })));
    const answers = (await Promise.all(workers.map((worker) => worker.ask(["Hi"])))).flat();
    for (const { error } of answers) expect(error).toBeUndefined();
    expect(server.calls).toBeLessThanOrEqual(2);
    await holder.release();
    for (const worker of workers) expect((await worker.close()).code).toBe(0);
  });
});
