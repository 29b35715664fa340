import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "./client.ts";
import { sharedStores } from "./stores.ts";
import { fileOf, startWorker } from "./worker.ts";

const reached = (server: { readonly calls: number }, calls: number): Promise<void> =>
  vi.waitFor(() => expect(server.calls).toBe(calls), { timeout: 30_000, interval: 10 });

/** Runs a program to its end, and signals it once a number of calls have reached the server. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const { NODE_OPTIONS: _, REMEM_STORE: __, ...rest } = process.env;
  const child = spawn(process.execPath, args, { env: { ...rest, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const end = once(child, "close").then(([code, signal]) => ({ code, signal, ...output }));
  return { child, end };
}

describe.each(sharedStores)("over $name", { timeout: 120_000 }, ({ open }) => {
  const asked = ["a", "b", "c", "d"];

  test.each(["nothing else to do", "close", "SIGTERM and close"])(
    "calls in flight at the end (%s) are completed and stored, and nothing keeps the process alive",
    async (how) => {
      const server = await startServer({ latencyMs: 1_000 });
      const options = { store: await open(), baseURL: server.baseURL };
      const { child, end } = await run([fileOf("ending"), JSON.stringify(options), how, ...asked]);
      await reached(server, asked.length);
      if (how.startsWith("SIGTERM")) child.kill("SIGTERM");
      expect(await end).toMatchObject({ code: 0, signal: null, stderr: "", stdout: "answered: 4\n" });

      const next = await startWorker(options);
      expect((await next.ask(asked)).map(({ source }) => source)).toEqual(asked.map(() => "store"));
      expect((await next.close()).code).toBe(0);
    },
  );

  test("close aborts a call that does not end within 5 s, and the process ends", async () => {
    const server = await startServer();
    server.script(asked.map(() => ({ stall: "headers" })));
    const options = { store: await open(), baseURL: server.baseURL };
    const { child, end } = await run([fileOf("ending"), JSON.stringify(options), "SIGTERM and close", ...asked]);
    await reached(server, asked.length);
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 0, signal: null, stdout: "answered: 0\n" });
  });

  test("SIGTERM ends a program without a handler at once, and releases its keys", async () => {
    const server = await startServer();
    server.script(asked.map(() => ({ stall: "headers" })));
    const options = { store: await open(), baseURL: server.baseURL };
    const { child, end } = await run([fileOf("ending"), JSON.stringify(options), "nothing else to do", ...asked]);
    await reached(server, asked.length);
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ code: null, signal: "SIGTERM" });

    const next = await startWorker(options);
    expect((await next.ask(asked)).map(({ source }) => source)).toEqual(asked.map(() => "provider"));
    expect((await next.close()).code).toBe(0);
  });
});

test("SIGTERM to the command: running calls are completed, and the next run asks only for missing answers", async () => {
  const server = await startServer({ latencyMs: 200 });
  const directory = temporaryDirectory();
  const questions = join(directory, "questions.jsonl");
  const lines = Array.from({ length: 40 }, (_, index) => ({
    messages: [{ role: "user", content: `question ${index}` }],
  }));
  writeFileSync(questions, lines.map((line) => JSON.stringify(line)).join("\n"));
  const command = fileURLToPath(new URL("../bin/remem.js", import.meta.resolve("@remem/cli")));
  const args = [command, "batch", questions, "-o", join(directory, "answers.jsonl"), "--concurrency", "4"];
  const env = {
    OPENAI_BASE_URL: server.baseURL,
    OPENAI_API_KEY: "sk-test",
    REMEM_STORE: `sqlite:${directory}/c.sqlite`,
  };
  const first = await run(args, env);
  await reached(server, 8);
  first.child.kill("SIGTERM");
  expect((await first.end).signal).toBeNull();
  expect(server.calls).toBeLessThan(40);

  const second = await run(args, env);
  expect(await second.end).toMatchObject({ code: 0 });
  expect(server.calls).toBe(40);
});

test("importing the package and creating a client creates no timer, no file and no socket", async () => {
  const path = join(temporaryDirectory(), "new", "cache.sqlite");
  const { end } = await run([fileOf("import"), path]);
  const { stdout, ...rest } = await end;
  expect(rest).toEqual({ code: 0, signal: null, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({ imported: [], made: [] });
  expect(existsSync(dirname(path))).toBe(false);
});
