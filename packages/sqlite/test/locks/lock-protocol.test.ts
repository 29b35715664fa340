import { describe, expect, test } from "vitest";
import type { LockFiles } from "../../src/locks/lock-files.ts";
import { holderOf, remove, sweep, tryAcquire } from "../../src/locks/lock-protocol.ts";
import { run, type Steps, step } from "../../src/locks/steps.ts";
import { type Model, tryEveryOrder } from "./every-order.ts";
import { memoryFiles } from "./memory-files.ts";

const mine = "1-0-000000000000-0000000000000001";
const theirs = "2-0-000000000000-0000000000000002";

describe("in every interleaving of its steps", () => {
  test.each([
    { system: "Linux and macOS", replacesEmpty: true },
    { system: "Windows", replacesEmpty: false },
  ])(
    "one process at a time holds the lock, and it can always be acquired again (renames as on $system)",
    ({ replacesEmpty }) => {
      const { states, finding } = tryEveryOrder({ contenders: 3, returns: 1, crashes: 2, freezes: 1, replacesEmpty });
      expect(finding).toBeUndefined();
      expect(states).toBeGreaterThan(100_000);
    },
  );

  test("sweeping breaks no lock that is held, even if it finds files in use", () => {
    for (const model of [
      { contenders: 2, sweepers: 1, crashes: 1, freezes: 1 },
      { contenders: 1, sweepers: 2, crashes: 1 },
    ]) {
      const { states, finding } = tryEveryOrder(model);
      expect(finding).toBeUndefined();
      expect(states).toBeGreaterThan(1_000);
    }
  });
});

describe("the search detects the fault of a protocol that", () => {
  const found = (model: Partial<Model>) => tryEveryOrder({ contenders: 3, crashes: 1, freezes: 1, ...model }).finding;
  const operations = (change: (files: LockFiles) => Partial<LockFiles>): Partial<Model> => ({
    files: (files) => ({ ...files, ...change(files) }),
  });
  const directoryOf = (path: string) => path.slice(0, path.indexOf("/"));

  test("creates a lock first and adds the holder's name afterwards", () => {
    function* acquireInTwoSteps(lock: string, mine: string): Steps<boolean> {
      if ((yield* holderOf(lock)) !== undefined) return false;
      const isThere = (yield* step((files) => files.list(lock))) !== undefined;
      if (!isThere) yield* step((files) => files.makeDirectory(lock));
      yield* step((files) => files.create(`${lock}/${mine}`));
      return true;
    }
    expect(found({ protocol: { tryAcquire: acquireInTwoSteps }, crashes: 0, freezes: 0 })?.problem).toBe(
      "two hold the lock",
    );
  });

  test("omits the holder's name", () => {
    expect(found(operations(() => ({ create() {} })))?.problem).toMatch(/two hold the lock|file is missing/);
  });

  test("breaks and releases without naming the holder", () => {
    const removesAll = operations((files) => ({
      unlink(path) {
        for (const name of files.list(directoryOf(path)) ?? []) files.unlink(`${directoryOf(path)}/${name}`);
      },
    }));
    const problem = /two hold the lock|file is missing/;
    expect(found({ ...removesAll, crashes: 1, freezes: 0 })?.problem).toMatch(problem); // The lock of the successor of a dead holder is broken.
    expect(found({ ...removesAll, crashes: 0, freezes: 1 })?.problem).toMatch(problem); // A resumed process releases another's lock.
  });

  test("removes the directory of a lock with all its files", () => {
    const removesTree = operations((files) => ({
      rmdir(path) {
        for (const name of files.list(path) ?? []) files.unlink(`${path}/${name}`);
        files.rmdir(path);
      },
    }));
    expect(found(removesTree)?.problem).toMatch(/two hold the lock|file is missing/);
  });

  test("breaks a lock by renaming its directory", () => {
    function* acquireByMovingAway(lock: string, mine: string, isOver: (holder: string) => boolean): Steps<boolean> {
      const holder = yield* holderOf(lock);
      if (holder !== undefined) {
        if (!(yield* step(() => isOver(holder)))) return false;
        yield* step((files) => files.list(lock) && files.move(lock, `.${mine}`));
        yield* remove(`.${mine}`, holder);
      }
      return yield* tryAcquire(lock, mine, isOver);
    }
    expect(found({ protocol: { tryAcquire: acquireByMovingAway }, freezes: 0 })?.problem).toBe(
      "a holder's file is missing",
    );
  });

  test("takes over from a live holder", () => {
    function* acquireAnyway(lock: string, mine: string): Steps<boolean> {
      return yield* tryAcquire(lock, mine, () => true);
    }
    expect(found({ protocol: { tryAcquire: acquireAnyway } })?.problem).toMatch(/two hold the lock|file is missing/);
  });

  test("does not remove, on Windows, the empty directory that a crash left behind", () => {
    const leavesDirectories = operations(() => ({ rmdir() {} }));
    expect(found({ ...leavesDirectories, replacesEmpty: false })?.problem).toBe("the lock can no longer be acquired");
    expect(found({ ...leavesDirectories, crashes: 0, freezes: 0 })?.problem).toBe("something is left behind");
  });

  test("sweeps in place", () => {
    function* sweepInPlace(): Steps<void> {
      for (const stage of (yield* step((files) => files.list("."))) ?? []) {
        if (stage.startsWith(".")) yield* remove(stage, stage.slice(1));
      }
    }
    const finding = found({ contenders: 2, sweepers: 1, protocol: { sweep: sweepInPlace } });
    expect(finding?.problem).toBe("a holder's file is missing");
    expect(finding?.trace.at(-1)).toContain("files.move(stage, lock)");
  });
});

describe("step by step", () => {
  const operationsOf = (steps: Steps<unknown>, files: LockFiles): string[] => {
    const names: string[] = [];
    const note = (name: keyof LockFiles) => (path: string, to: string) => {
      names.push(to === undefined ? `${name} ${path}` : `${name} ${path} ${to}`);
      return (files[name] as (...paths: string[]) => unknown)(path, to);
    };
    run(steps, Object.fromEntries(Object.keys(files).map((name) => [name, note(name as keyof LockFiles)])) as never);
    return names;
  };

  test("a free lock is acquired with its holder in it, and released by its holder's name", () => {
    const files = memoryFiles({});
    expect(
      operationsOf(
        tryAcquire("lock", mine, () => false),
        files,
      ),
    ).toEqual(["list lock", `makeDirectory .${mine}`, `create .${mine}/${mine}`, `move .${mine} lock`]);
    expect(files.directories).toEqual({ lock: [mine] });
    expect(operationsOf(remove("lock", mine), files)).toEqual([`unlink lock/${mine}`, "rmdir lock"]);
    expect(files.directories).toEqual({});
  });

  test("a lock whose holder is alive is only listed", () => {
    expect(
      operationsOf(
        tryAcquire("lock", mine, () => false),
        memoryFiles({ lock: [theirs] }),
      ),
    ).toEqual(["list lock"]);
  });

  test("a lock whose holder is dead is broken by the holder's name before it is acquired", () => {
    const files = memoryFiles({ lock: [theirs] });
    expect(
      operationsOf(
        tryAcquire("lock", mine, () => true),
        files,
      ).slice(1, 3),
    ).toEqual([`unlink lock/${theirs}`, "rmdir lock"]);
    expect(files.directories).toEqual({ lock: [mine] });
  });

  test("a failed acquisition cleans up and throws", () => {
    const files = memoryFiles({});
    const full: LockFiles = {
      ...files,
      create() {
        throw new Error("ENOSPC");
      },
    };
    expect(() =>
      run(
        tryAcquire("lock", mine, () => false),
        full,
      ),
    ).toThrow("ENOSPC");
    expect(files.directories).toEqual({});
  });

  test("a foreign file is not a holder, and a lock with nothing else is refused by name", () => {
    const files = memoryFiles({ lock: [".DS_Store", theirs] });
    expect(run(holderOf("lock"), files)).toBe(theirs);
    expect(() =>
      run(
        tryAcquire("lock", mine, () => true),
        memoryFiles({ lock: ["notes.txt"] }),
      ),
    ).toThrow("lock holds notes.txt, which is not ours");
  });

  test("sweeping removes old stages with their files, and nothing else", () => {
    const left = { lock: [theirs], ".git": [], ".cache": ["x"], [`.${mine}`]: [mine] };
    const files = memoryFiles({ ...left, [`.${theirs}`]: [theirs] });
    const fresh = "3-0-000000000000-0000000000000003";
    run(
      sweep(
        () => fresh,
        (stage) => stage === `.${theirs}`,
      ),
      files,
    );
    expect(files.directories).toEqual(left);
  });
});
