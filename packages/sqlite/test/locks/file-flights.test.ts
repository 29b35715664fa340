import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, type Flights, type Lease, memoryStore, StoreError } from "@remem/core";
import { fakeProvider, storeContract } from "@remem/testing";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { fileFlights, flightsIn } from "../../src/locks/file-flights.ts";
import { lockFiles } from "../../src/locks/lock-files.ts";
import { TIMINGS } from "../../src/locks/timings.ts";
import { makeToken, parseToken } from "../../src/locks/token.ts";
import { temporaryDirectory } from "../temporary.ts";
import { start } from "./child.ts";

afterEach(() => void vi.restoreAllMocks());

const lockOf = (key: string) => createHash("sha256").update(key).digest("hex");
const { signal } = new AbortController();

async function acquire(flights: Flights, key = "k"): Promise<Lease> {
  const lease = await flights.enter(key);
  expect(lease?.lost.aborted).toBe(false);
  return lease!;
}
const release = (lease: Lease) => lease[Symbol.asyncDispose]();

describe("flights of files keep the contract of a store's:", () => {
  let directory: string;
  const open = () => ({ ...memoryStore(), flights: fileFlights(directory) });
  async function leader(key: string) {
    const child = start("leader", directory, key);
    await child.says("leads");
    return child;
  }
  const cases = storeContract({
    create() {
      directory = temporaryDirectory();
      return open();
    },
    reopen: open,
    async orphan(key) {
      const child = await leader(key);
      child.process.kill("SIGKILL");
      await child.end;
    },
    async leadElsewhere(key) {
      const child = await leader(key);
      return async () => {
        child.process.send("release");
        await child.says("released");
      };
    },
  });
  for (const { name, run } of cases.filter(({ name }) => name.startsWith("flights"))) test(name, run);
});

describe("the directory", () => {
  const place = () => join(temporaryDirectory(), "new", "cache.locks");

  test("is made at the first enter, with those above it, and is empty when nobody leads", async () => {
    const directory = place();
    const flights = fileFlights(directory);
    await flights.changed("k", { signal });
    expect(existsSync(join(directory, ".."))).toBe(false);
    const leases = [await acquire(flights, "k"), await acquire(flights, "/../ \0")];
    expect(
      readdirSync(directory)
        .filter((name) => !name.startsWith("."))
        .sort(),
    ).toEqual(["k", "/../ \0"].map(lockOf).sort());
    await Promise.all(leases.map(release));
    expect(readdirSync(directory)).toEqual([]);
  });

  test.skipIf(process.platform === "win32")(
    "is for its owner alone, whatever the umask, and so is what is in it",
    async () => {
      const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
      const directory = place();
      await underUmask(0, () => fileFlights(directory).enter("k"));
      const lock = join(directory, lockOf("k"));
      const paths = [join(directory, ".."), directory, lock, join(lock, readdirSync(lock)[0]!)];
      expect(paths.map(modeOf)).toEqual(["700", "700", "700", "600"]);

      const other = join(temporaryDirectory(), "cache.locks");
      await underUmask(0o277, () => fileFlights(other).enter("k")).catch(() => {});
      expect(modeOf(other)).toBe("700");
    },
  );

  test("is made again when it was removed, and who led has lost the lead", async () => {
    const directory = place();
    const flights = fastFlights(directory);
    const lease = await acquire(flights);
    const waiting = flights.changed("k", { signal });
    rmSync(join(directory, ".."), { recursive: true });
    await waiting;
    const successor = await acquire(flights);
    await vi.waitFor(() => expect(lease.lost.aborted).toBe(true), { timeout: 10_000 });
    expect(lease.lost.reason).toMatchObject({ code: "STORE_ERROR", message: expect.stringContaining(directory) });
    await release(lease);
    expect(await flights.enter("k")).toBeUndefined();
    await release(successor);
  });

  test("is tidied, at the first use, of what processes have left that died an hour ago while they entered", async () => {
    const directory = temporaryDirectory();
    function leave(name: string, minutesAgo: number): string {
      const stage = join(directory, name);
      const time = Date.now() / 1_000 - minutesAgo * 60;
      mkdirSync(stage);
      writeFileSync(join(stage, makeToken()), "");
      utimesSync(stage, time, time);
      return name;
    }
    leave(`.${makeToken()}`, 61);
    const kept = [leave(`.${makeToken()}`, 59), leave(".cache", 61)];
    const flights = fileFlights(directory);
    await release(await acquire(flights));
    expect(readdirSync(directory).sort()).toEqual(kept.sort());

    kept.push(leave(`.${makeToken()}`, 61));
    await release(await acquire(flights));
    expect(readdirSync(directory).sort()).toEqual(kept.sort());
  });

  test("is tidied of the life files of the dead, an hour later, and not of those of the living", async () => {
    const directory = temporaryDirectory();
    const longAgo = Date.now() / 1_000 - 61 * 60;
    const files = lockFiles(directory);
    const living = files.lockLife("0000000a");
    for (const [name, isOld] of [
      ["0000000b", true],
      ["0000000c", false],
    ] as const) {
      writeFileSync(join(directory, `.${name}`), "");
      if (isOld) utimesSync(join(directory, `.${name}`), longAgo, longAgo);
    }
    utimesSync(join(directory, ".0000000a"), longAgo, longAgo);
    // It is locked by this process, which a process sees as others do.
    await release(await acquire(fileFlights(directory)));
    expect(readdirSync(directory).sort()).toEqual([".0000000a", ".0000000c"]);
    living.release();
  });
});

test("a lead that is given up leaves no timer and is not lost", async () => {
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers();
  const lease = await acquire(fileFlights(temporaryDirectory()));
  await release(lease);
  await release(lease);
  expect(vi.getTimerCount()).toBe(0);
  expect(lease.lost.aborted).toBe(false);
});

describe("a leader that was taken over from", () => {
  test("learns it by its next heartbeat, and leaves its successor the lock", async () => {
    const directory = temporaryDirectory();
    const flights = fastFlights(directory);
    const lease = await acquire(flights);
    // What another process does that finds our heart still.
    rmSync(join(directory, lockOf("k")), { recursive: true });
    const successor = await acquire(fileFlights(directory));
    await vi.waitFor(() => expect(lease.lost.aborted).toBe(true), { timeout: 10_000 });
    await release(lease);
    expect(await flights.enter("k")).toBeUndefined();
    await release(successor);
    await release(await acquire(flights));
  });

  test("is taken over from at the first try when its pid is another process's by now", async () => {
    const directory = temporaryDirectory();
    const reused = makeToken().replace(/^(\d+)-\d+/, "$1-1");
    plant(directory, "k", reused);
    await release(await acquire(fileFlights(directory)));
  });
});

describe("a lock directory that cannot be used makes enter and changed reject with the path and the reason:", () => {
  const refusal = (path: string, reason: RegExp) => ({
    code: "STORE_ERROR",
    store: "sqlite",
    message: expect.stringMatching(new RegExp(`^The lock directory ${path} cannot be used.*${reason.source}`)),
    cause: expect.any(Error),
  });
  async function rejects(flights: Flights, path: string, reason: RegExp): Promise<void> {
    for (const call of [flights.enter("k"), flights.changed("k", { signal })]) {
      const failure = await call.catch((error: unknown) => error);
      expect(failure).toEqual(expect.objectContaining(refusal(path, reason)));
      expect(StoreError.is(failure)).toBe(true);
    }
  }
  const failsWith = (code: string) => () => {
    throw Object.assign(new Error(`${code}: it is scripted`), { code });
  };

  test("a file is in its place", async () => {
    const path = join(temporaryDirectory(), "cache.locks");
    writeFileSync(path, "");
    await rejects(fileFlights(path), path, /EEXIST|ENOTDIR/);
  });

  test("a symbolic link is in its place, or in that of a lock; what it names is left alone", async () => {
    const directory = temporaryDirectory();
    const elsewhere = join(directory, "elsewhere");
    const path = join(directory, "cache.locks");
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, path);
    await rejects(fileFlights(path), path, /is a symbolic link/);
    expect(readdirSync(elsewhere)).toEqual([]);

    const dead = makeToken().replace(/^\d+-\d+/, "1-1");
    writeFileSync(join(elsewhere, dead), "");
    symlinkSync(elsewhere, join(directory, lockOf("k")));
    await rejects(fileFlights(directory), directory, /is a symbolic link/);
    expect(readdirSync(elsewhere)).toEqual([dead]);
  });

  test("a lock holds what is not ours", async () => {
    const directory = temporaryDirectory();
    plant(directory, "k", "notes.txt");
    await rejects(fileFlights(directory), directory, /holds notes.txt, which is not ours/);
  });

  test.each(["EMFILE", "ENFILE", "EACCES"])("it cannot be read (%s), until it can", async (code) => {
    const directory = temporaryDirectory();
    const files = lockFiles(directory);
    const list = vi.fn(files.list);
    const flights = flightsIn(directory, { ...files, list }, TIMINGS);
    const lease = await acquire(flights);
    list.mockImplementation(failsWith(code));
    await rejects(flights, directory, new RegExp(code));
    list.mockImplementation(files.list);
    expect(await flights.enter("k")).toBeUndefined();
    await release(lease);
    await flights.changed("k", { signal });
    await release(await acquire(flights));
  });

  test.each(["ENOSPC", "EROFS", "EMFILE"])("it cannot be written to (%s), and nothing is left in it", async (code) => {
    const directory = temporaryDirectory();
    for (const operation of ["makeDirectory", "create"] as const) {
      const files = { ...lockFiles(directory), [operation]: failsWith(code) };
      const failure = await flightsIn(directory, files, TIMINGS)
        .enter("k")
        .catch((error: unknown) => error);
      expect(failure).toMatchObject(refusal(directory, new RegExp(code)));
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  test("it is on a network file system; a client goes on alone and warns once", async () => {
    const warnings = vi.spyOn(process, "emitWarning").mockReturnValue();
    const directory = temporaryDirectory();
    const provider = fakeProvider("Hello");
    const store = { ...memoryStore(), flights: flightsIn(directory, lockFiles(directory), TIMINGS, () => "NFS") };
    const client = createClient({ provider, store, params: { model: "m" } });
    for (const content of ["a", "b", "c"]) {
      expect((await client.infer([{ role: "user", content }])).response).toBe("Hello");
    }
    expect(client.stats()).toMatchObject({ stored: 3, storeErrors: 3 });
    expect(warnings.mock.calls).toEqual([
      [expect.stringMatching(/on a network file system \(NFS\); use a local disk/), expect.anything()],
    ]);
  });

  test("a lead that cannot be given up rejects, and is given up as soon as it can be", async () => {
    const directory = temporaryDirectory();
    const files = lockFiles(directory);
    const fails = failsWith("EIO");
    const unlink = vi.fn(files.unlink).mockImplementationOnce(fails).mockImplementationOnce(fails);
    const lease = await acquire(flightsIn(directory, { ...files, unlink }, TIMINGS));
    await expect(release(lease)).rejects.toMatchObject(refusal(directory, /EIO/));
    const successor = fileFlights(directory);
    await successor.changed("k", { signal: new AbortController().signal });
    await release(await acquire(successor));
    expect(readdirSync(directory)).toEqual([]);
    await release(lease);
  });

  test("no life file can be made: leads are taken all the same", async () => {
    const directory = temporaryDirectory();
    const left: string[] = [];
    function lockLife(name: string): never {
      writeFileSync(join(directory, `.${name}`), ""); // At the worst the file stays, and no lock is on it.
      left.push(name);
      return failsWith("EMFILE")();
    }
    const lease = await acquire(flightsIn(directory, { ...lockFiles(directory), lockLife }, TIMINGS));
    const [token] = readdirSync(join(directory, lockOf("k")));
    expect(left).not.toContain(parseToken(token!)?.life);
    expect(await fileFlights(directory).enter("k")).toBeUndefined();
    await release(lease);
    expect(readdirSync(directory)).toEqual(left.map((name) => `.${name}`));
  });
});

test("a directory that is no path is refused by name", () => {
  for (const directory of ["", undefined, 1, {}]) {
    expect(() => fileFlights(directory as never)).toThrow(/fileFlights: `directory` must be the path/);
  }
});

/** Flights whose heart beats often, so that a test sees it beat. */
const fastFlights = (directory: string) => flightsIn(directory, lockFiles(directory), { ...TIMINGS, beatMs: 20 });

function plant(directory: string, key: string, name: string): void {
  mkdirSync(join(directory, lockOf(key)));
  writeFileSync(join(directory, lockOf(key), name), "");
}

/** The umask belongs to the process: what runs under it must be synchronous. */
function underUmask<T>(umask: number, run: () => T): T {
  const before = process.umask(umask);
  try {
    return run();
  } finally {
    process.umask(before);
  }
}
