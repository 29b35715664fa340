import type { ForkOptions } from "node:child_process";
import { type Child, startChild, withDescriptors } from "@remem/test-support/child";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { expect } from "vitest";
import { sqliteStore } from "../src/index.ts";

/** Runs a file of `processes/` against the built package. */
export const start = (script: string, ...args: string[]): Child => launch(script, args, {});

/** The same with a limit on descriptors. */
export const startWithDescriptors = (limit: number, script: string, ...args: string[]): Child =>
  launch(script, args, withDescriptors(limit));

const launch = (script: string, args: string[], options: ForkOptions): Child =>
  startChild(new URL(`processes/${script}.mjs`, import.meta.url), args, options);

export async function startWriters(
  path: string,
  processes: number,
  count: number,
  script = "writer",
): Promise<Child[]> {
  const writers = Array.from({ length: processes }, (_, index) =>
    start(script, path, `writer ${index}`, String(count)),
  );
  await Promise.all(writers.map((writer) => writer.says("ready")));
  return writers;
}

export async function finish(children: readonly Child[]): Promise<void> {
  for (const { end } of children) expect(await end).toEqual({ code: 0, output: "" });
}

export async function keysIn(path: string): Promise<Set<string>> {
  const store = sqliteStore({ path });
  try {
    return new Set((await collect(store.entries!())).map(([key]) => key));
  } finally {
    await store.close();
  }
}

export function expectIntact(path: string): void {
  const database = connectTo(path);
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  database.close();
}
