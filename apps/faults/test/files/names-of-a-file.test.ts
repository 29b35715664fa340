import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTAINED, canContain } from "@remem/test-support/container";
import { bindMount, canMount, smallDisk } from "@remem/test-support/mounts";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { describe, expect, test, vi } from "vitest";
import { startServer } from "../client.ts";
import { integrityOf } from "../database.ts";
import { startWorker } from "../worker.ts";

interface Names {
  /** Makes the second name of `<directory>/cache.sqlite`, in an empty directory. */
  readonly make: (directory: string, elsewhere: string) => string;
  readonly needsMount?: true;
}

const ways: Record<string, Names> = {
  "a symbolic link to the file": {
    make(directory, elsewhere) {
      writeFileSync(join(directory, "cache.sqlite"), "", { mode: 0o600 });
      symlinkSync(join(directory, "cache.sqlite"), join(elsewhere, "link.sqlite"));
      return join(elsewhere, "link.sqlite");
    },
  },
  "a symbolic link to the file that does not exist yet": {
    make(directory, elsewhere) {
      symlinkSync(join(directory, "cache.sqlite"), join(elsewhere, "link.sqlite"));
      return join(elsewhere, "link.sqlite");
    },
  },
  "a symbolic link to its directory": {
    make(directory, elsewhere) {
      symlinkSync(directory, join(elsewhere, "folder"));
      return join(elsewhere, "folder", "cache.sqlite");
    },
  },
  "a bind mount of the file": {
    needsMount: true,
    make(directory, elsewhere) {
      const file = join(directory, "cache.sqlite");
      const mounted = join(elsewhere, "mounted.sqlite");
      for (const path of [file, mounted]) writeFileSync(path, "", { mode: 0o600 });
      bindMount(file, mounted);
      return mounted;
    },
  },
  "a bind mount of its directory": {
    needsMount: true,
    make(directory, elsewhere) {
      bindMount(directory, elsewhere);
      return join(elsewhere, "cache.sqlite");
    },
  },
};

async function areOneCache(directory: string, second: string, isContained: boolean): Promise<void> {
  const server = await startServer({ latencyMs: 1_000 });
  const path = join(directory, "cache.sqlite");
  const workers = await Promise.all(
    [path, second].map((name, index) =>
      startWorker(
        { store: `sqlite:${name}`, baseURL: server.baseURL, umask: 0 },
        isContained && index === 1 ? CONTAINED : {},
      ),
    ),
  );
  const questions = ["one", "two", "three"];
  const asked = Promise.all(workers.map((worker) => worker.ask(questions)));
  await vi.waitFor(() => expect(server.calls).toBe(3), { timeout: 30_000, interval: 10 });
  const names = readdirSync(directory);
  const [first, other] = await asked;
  expect(server.calls).toBe(3);
  expect(other!.map(({ response }) => response)).toEqual(first!.map(({ response }) => response));
  expect(names.sort()).toEqual(["cache.locks", "cache.sqlite", "cache.sqlite-shm", "cache.sqlite-wal"]);
  for (const name of names) {
    const stat = statSync(join(directory, name));
    expect([name, (stat.mode & 0o777).toString(8)]).toEqual([name, stat.isDirectory() ? "700" : "600"]);
  }
  for (const worker of workers) {
    expect((await worker.ask(questions)).map(({ source }) => source)).toEqual(["store", "store", "store"]);
    expect(worker.events.map(({ event }) => event)).not.toContain("store-error");
    expect((await worker.close()).code).toBe(0);
  }
  expect(integrityOf(path)).toBe("ok");
}

describe("two names of one file are one cache: identical calls of two processes are one call, with", () => {
  for (const [way, { make, needsMount }] of Object.entries(ways)) {
    const skipped = needsMount && !canMount;
    test.skipIf(skipped)(
      `${way}${skipped ? " (skipped: this process may not mount)" : ""}`,
      { timeout: 60_000 },
      () => {
        const [directory, elsewhere] = [temporaryDirectory(), temporaryDirectory()];
        return areOneCache(directory, make(directory, elsewhere), false);
      },
    );
  }

  test.skipIf(!canMount || !canContain)(
    "two mounts of a volume, the second in another container",
    { timeout: 60_000 },
    () => {
      const { directory } = smallDisk(4_096 * 1_024);
      const elsewhere = temporaryDirectory();
      bindMount(directory, elsewhere);
      mkdirSync(join(directory, "cache"), { mode: 0o700 });
      return areOneCache(join(directory, "cache"), join(elsewhere, "cache", "cache.sqlite"), true);
    },
  );
});
