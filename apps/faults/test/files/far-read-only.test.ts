import { chmodSync, linkSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { startChild } from "@remem/test-support/child";
import { canMount, readOnlyView } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { sqliteStore, tieredStore } from "remem";
import { describe, expect, test } from "vitest";
import { ask, echo, hearWarnings, open, rightAnswer } from "../client.ts";
import { execute } from "../database.ts";
import { processFile } from "../worker.ts";

/** A cache of a team, in a directory of its own, which no process uses. */
async function shared(mode: "WAL" | "DELETE" = "WAL"): Promise<string> {
  const path = temporaryFile();
  const { client } = open({ provider: echo(), store: `sqlite:${path}` });
  for (const question of ["a", "b"]) await ask(client, question);
  await client.close();
  execute(path, `PRAGMA journal_mode = ${mode}`);
  return path;
}

async function servesBoth(far: string, readOnly: boolean): Promise<readonly string[]> {
  const warnings = hearWarnings();
  const near = temporaryFile();
  const provider = echo();
  const tier = () =>
    tieredStore(sqliteStore({ path: near }), sqliteStore({ path: far, ...(readOnly && { readOnly }) }));
  const { client, events } = open({ provider, store: tier() });
  for (const question of ["a", "b", "c", "d", "e", "f"]) {
    expect((await ask(client, question)).source).toBe(question < "c" ? "store" : "provider");
  }
  for (const question of ["a", "b", "c", "d", "e", "f"]) expect((await ask(client, question)).source).toBe("store");
  expect(client.stats()).toMatchObject({ stored: 4, storeErrors: 0, notStored: {} });
  expect(events.map(({ type }) => type)).not.toContain("store-error");
  // Answers of the far store are in the near one from then on, and those of the provider, too.
  const { client: alone } = open({ provider: echo(), store: `sqlite:${near}` });
  for (const question of ["a", "f"])
    expect(await ask(alone, question)).toMatchObject({ source: "store", response: rightAnswer(question) });
  return warnings.codes;
}

describe.each([
  ["created with `readOnly`", true],
  ["not created so", false],
])("a read-only file as the far store of a tier, %s,", (_, readOnly) => {
  const oneWarning = readOnly ? [] : ["REMEM_FAR_STORE_READ_ONLY"];

  test.skipIf(!canMount).each(["WAL", "DELETE"] as const)(
    "serves its answers from a read-only mount (%s), and the writable store has the new ones (skipped if nothing can be mounted)",
    async (mode) => {
      const path = await shared(mode);
      const far = join(readOnlyView(dirname(path)).directory, "cache.sqlite");
      expect(await servesBoth(far, readOnly)).toEqual(oneWarning);
    },
  );

  test("serves its answers under a second hard link, as package managers make them", async () => {
    const path = await shared();
    const linked = join(temporaryDirectory(), "answers.sqlite");
    linkSync(path, linked);
    expect(await servesBoth(linked, readOnly)).toEqual(oneWarning);
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(!isRoot).each([
    ["a file of mode 0444", 0o444, 0o755],
    ["a directory of mode 0555", 0o644, 0o555],
    ["both", 0o444, 0o555],
  ])(
    "serves its answers to a user who may not write to it: %s (skipped unless run by root)",
    async (_, file, directory) => {
      const path = await shared();
      const mine = temporaryDirectory();
      chmodSync(path, file);
      chmodSync(dirname(path), directory);
      chmodSync(mine, 0o777);
      const args = [path, join(mine, "mine", "cache.sqlite"), String(readOnly), "0", "65534"];
      const child = startChild(processFile("tier"), args, { env: { NODE_NO_WARNINGS: "1" } });
      expect(await child.hears(() => true)).toEqual({
        sources: ["store", "store", "provider", "provider", "store", "store"],
        stats: { stored: 2, storeErrors: 0, notStored: {} },
      });
      expect((await child.end).code).toBe(0);
    },
  );

  test.skipIf(!canMount)(
    "two processes coalesce their calls over the writable store (skipped if nothing can be mounted)",
    async () => {
      const path = await shared();
      const far = join(readOnlyView(dirname(path)).directory, "cache.sqlite");
      const near = join(temporaryDirectory(), "cache.sqlite");
      mkdirSync(dirname(near), { recursive: true });
      const children = [1, 2].map(() =>
        startChild(processFile("tier"), [far, near, String(readOnly), "1000"], { env: { NODE_NO_WARNINGS: "1" } }),
      );
      const outcomes = (await Promise.all(children.map((child) => child.hears(() => true)))) as Array<{
        sources: string[];
      }>;
      const paid = outcomes.flatMap(({ sources }) => sources).filter((source) => source === "provider");
      expect(paid).toHaveLength(2);
    },
  );
});
