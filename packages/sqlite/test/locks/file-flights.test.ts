import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, type Flights, type Lease, memoryStore, StoreError } from "@remem/core";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { fakeProvider, storeContract } from "@remem/testing";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { fileFlights, flightsIn } from "../../src/locks/file-flights.ts";
import { lockFiles } from "../../src/locks/lock-files.ts";
import { TIMINGS } from "../../src/locks/timings.ts";
import { makeToken, parseToken } from "../../src/locks/token.ts";
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

describe("file flights fulfil the store contract:", () => {
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

  test("is created by the first enter, with its parents, and is empty while no process leads", async () => {
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
    "and its files are accessible to the owner only, regardless of the umask",
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

  test("is recreated if it was removed, and the leader has lost its lease", async () => {
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

  test("is cleaned, on first use, of the leftovers of processes that died while entering an hour ago", async () => {
    const directory = temporaryDirectory();
    function leaveBehind(name: string, minutesAgo: number): string {
      const stage = join(directory, name);
      const time = Date.now() / 1_000 - minutesAgo * 60;
      mkdirSync(stage);
      writeFileSync(join(stage, makeToken()), "");
      utimesSync(stage, time, time);
      return name;
    }
    leaveBehind(`.${makeToken()}`, 61);
    const kept = [leaveBehind(`.${makeToken()}`, 59), leaveBehind(".cache", 61)];
    const flights = fileFlights(directory);
    await release(await acquire(flights));
    expect(readdirSync(directory).sort()).toEqual(kept.sort());

    kept.push(leaveBehind(`.${makeToken()}`, 61));
    await release(await acquire(flights));
    expect(readdirSync(directory).sort()).toEqual(kept.sort());
  });

  test("is cleaned of the life files of dead processes after an hour, and not of those of live ones", async () => {
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
    // Locked by this process, which sees the lock as other processes do.
    await release(await acquire(fileFlights(directory)));
    expect(readdirSync(directory).sort()).toEqual([".0000000a", ".0000000c"]);
    living.release();
  });
});

test("a released lease leaves no timer and is not lost", async () => {
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers();
  const lease = await acquire(fileFlights(temporaryDirectory()));
  await release(lease);
  await release(lease);
  expect(vi.getTimerCount()).toBe(0);
  expect(lease.lost.aborted).toBe(false);
});

describe("a leader that lost its lock", () => {
  test("detects the loss with its next heartbeat, and leaves the lock to its successor", async () => {
    const directory = temporaryDirectory();
    const flights = fastFlights(directory);
    const lease = await acquire(flights);
    // As another process does that sees no heartbeat of this one.
    rmSync(join(directory, lockOf("k")), { recursive: true });
    const successor = await acquire(fileFlights(directory));
    await vi.waitFor(() => expect(lease.lost.aborted).toBe(true), { timeout: 10_000 });
    await release(lease);
    expect(await flights.enter("k")).toBeUndefined();
    await release(successor);
    await release(await acquire(flights));
  });

  test("is succeeded at the first attempt if its pid now belongs to another process", async () => {
    const directory = temporaryDirectory();
    const reused = makeToken().replace(/^(\d+)-\d+/, "$1-1");
    plant(directory, "k", reused);
    await release(await acquire(fileFlights(directory)));
  });
});

describe("a lock directory that cannot be used is reported with its path and the reason:", () => {
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

  test("a file has the name of the directory", async () => {
    const path = join(temporaryDirectory(), "cache.locks");
    writeFileSync(path, "");
    await rejects(fileFlights(path), path, /EEXIST|ENOTDIR/);
  });

  test("a symbolic link has the name of the directory or of a lock; its target is unchanged", async () => {
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

  test("a lock contains a foreign file", async () => {
    const directory = temporaryDirectory();
    plant(directory, "k", "notes.txt");
    await rejects(fileFlights(directory), directory, /holds notes.txt, which is not ours/);
  });

  test.each(["EMFILE", "ENFILE", "EACCES"])("the directory cannot be read (%s), until it can", async (code) => {
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

  test.each(["ENOSPC", "EROFS", "EMFILE"])(
    "the directory cannot be written to (%s); nothing is left in it",
    async (code) => {
      const directory = temporaryDirectory();
      for (const operation of ["makeDirectory", "create"] as const) {
        const files = { ...lockFiles(directory), [operation]: failsWith(code) };
        const failure = await flightsIn(directory, files, TIMINGS)
          .enter("k")
          .catch((error: unknown) => error);
        expect(failure).toMatchObject(refusal(directory, new RegExp(code)));
        expect(readdirSync(directory)).toEqual([]);
      }
    },
  );

  test("the directory is on a network file system; a client continues without flights and warns once", async () => {
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

  test("a lease cannot be released; it is released as soon as possible", async () => {
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

  test("no life file can be created; leases are granted anyway", async () => {
    const directory = temporaryDirectory();
    const left: string[] = [];
    function lockLife(name: string): never {
      writeFileSync(join(directory, `.${name}`), ""); // The worst case: the file stays behind, unlocked.
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

test("a directory that is not a path is refused by name", () => {
  for (const directory of ["", undefined, 1, {}]) {
    expect(() => fileFlights(directory as never)).toThrow(/fileFlights: `directory` must be the path/);
  }
});

/** Flights with frequent heartbeats, so that tests need not wait for one. */
const fastFlights = (directory: string) => flightsIn(directory, lockFiles(directory), { ...TIMINGS, beatMs: 20 });

function plant(directory: string, key: string, name: string): void {
  mkdirSync(join(directory, lockOf(key)));
  writeFileSync(join(directory, lockOf(key), name), "");
}

/** The umask is global to the process, so `run` must be synchronous. */
function underUmask<T>(umask: number, run: () => T): T {
  const before = process.umask(umask);
  try {
    return run();
  } finally {
    process.umask(before);
  }
}
