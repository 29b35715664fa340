import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectTo } from "@remem/test-support/database";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, test } from "vitest";
import { ask, echo, hearWarnings, open, rightAnswer, startServer } from "../client.ts";
import { execute, integrityOf } from "../database.ts";
import { luck } from "../seed.ts";
import { startWorker } from "../worker.ts";

const questions = Array.from({ length: 30 }, (_, index) => `question ${index} `.repeat(40 * index + 1));

interface Run {
  readonly calls: number;
  readonly damagedEntries: number;
}

/** Simulates a run of a program that asks everything once. A wrong answer fails the test. */
async function run(path: string): Promise<Run> {
  const provider = echo();
  const { client, events } = open({ provider, store: `sqlite:${path}` });
  for (const question of questions) {
    const { response } = await ask(client, question);
    if (response !== rightAnswer(question)) expect.fail(`wrong: ${response.slice(0, 200)}`);
  }
  await client.close();
  return {
    calls: provider.calls.length,
    damagedEntries: new Set(events.filter((event) => event.type === "damaged-entry").map(({ key }) => key)).size,
  };
}

/** Expects right answers at once, and nothing but hits after that run or the next. */
async function heals(path: string): Promise<void> {
  await run(path);
  await run(path);
  expect((await run(path)).calls).toBe(0);
}

describe("changed rows are never served, and are replaced by the run that finds them:", () => {
  const rows = "SELECT key, value FROM remem_entries ORDER BY key";
  const all = questions.length;
  const changes: Readonly<Record<string, readonly [sql: string, damaged: number]>> = {
    edited: ["UPDATE remem_entries SET value = replace(value, 're: ', 'No: ')", all],
    swapped: [
      `CREATE TEMP TABLE one AS ${rows};
       UPDATE remem_entries SET value = (SELECT value FROM one WHERE one.key > remem_entries.key ORDER BY key LIMIT 1)
       WHERE key < (SELECT max(key) FROM one)`,
      all - 1,
    ],
    "all the same": ["UPDATE remem_entries SET value = (SELECT min(value) FROM remem_entries)", all - 1],
    "cut short": ["UPDATE remem_entries SET value = substr(value, 1, length(value) / 2)", all],
    "with more behind it": ["UPDATE remem_entries SET value = value || ' '", all],
    empty: ["UPDATE remem_entries SET value = ''", all],
    numbers: ["UPDATE remem_entries SET value = 42", all],
    blobs: ["UPDATE remem_entries SET value = CAST(value AS BLOB)", all],
    "of 30 MB": [
      "UPDATE remem_entries SET value = hex(zeroblob(15000000)) WHERE key = (SELECT min(key) FROM remem_entries)",
      1,
    ],
    "of another version": ["UPDATE remem_entries SET value = replace(value, 'remem/1', 'remem/2')", all],
    "foreign JSON": [`UPDATE remem_entries SET value = '{"choices":[{"message":{"content":"No"}}]}'`, all],
    "with an expiry that is not a number": ["UPDATE remem_entries SET expires_at = 'tomorrow'", 0],
  };
  test.each(Object.entries(changes))("%s", async (_, [sql, damaged]) => {
    hearWarnings();
    const path = temporaryFile();
    await run(path);
    execute(path, sql);
    expect((await run(path)).damagedEntries).toBe(damaged);
    expect((await run(path)).calls).toBe(0);
  });

  test("NULL", async () => {
    hearWarnings();
    const path = temporaryFile();
    await run(path);
    execute(
      path,
      `CREATE TABLE theirs AS SELECT key, NULL AS value, NULL AS expires_at FROM remem_entries;
       DROP VIEW remem_view; DROP TABLE remem_entries; ALTER TABLE theirs RENAME TO remem_entries; CREATE UNIQUE INDEX i ON remem_entries (key)`,
    );
    expect((await run(path)).calls).toBe(questions.length);
    expect((await run(path)).calls).toBe(0);
  });

  test("in a dropped or altered table", async () => {
    hearWarnings();
    const path = temporaryFile();
    for (const sql of [
      "DROP TABLE remem_entries",
      "DROP TABLE remem_hidden",
      "ALTER TABLE remem_entries RENAME COLUMN value TO answer",
    ]) {
      await run(path);
      execute(path, sql);
      await heals(path);
    }
    execute(
      path,
      "DROP TABLE remem_entries; CREATE VIEW remem_entries AS SELECT 1 AS key, 2 AS value, 3 AS expires_at",
    );
    expect((await run(path)).calls).toBe(questions.length);
  });
});

const PAGE = 2_048;

/** The bytes of the header with the version of the schema format, and our own version. */
const VERSIONS = [47, 60, 61, 62, 63];
/** The byte with the minimum version of SQLite that may write. An older one may only read. */
const WRITE_VERSION = 18;

describe("a file that is damaged between two runs yields right answers at once, and is repaired by the next run:", () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    "truncated to nothing": (path) => truncateSync(path, 0),
    "truncated within its header": (path) => truncateSync(path, 50),
    "truncated to a half": (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
    "truncated by a byte": (path) => truncateSync(path, readFileSync(path).length - 1),
    garbage: (path) => writeFileSync(path, garbage(readFileSync(path).length)),
    "garbage after an intact header": (path) => {
      const bytes = readFileSync(path);
      writeFileSync(path, Buffer.concat([bytes.subarray(0, 100), garbage(bytes.length - 100)]));
    },
    "a garbled page of its index": (path) => {
      const bytes = readFileSync(path);
      garbage(PAGE).copy(bytes, 2 * PAGE);
      writeFileSync(path, bytes);
    },
    text: (path) => writeFileSync(path, "once upon a time\n".repeat(100)),
    removed: (path) => rmSync(path),
    "with a foreign -wal": foreignJournal("-wal"),
    "with a foreign -wal and -shm": (path) => {
      foreignJournal("-wal")(path);
      foreignJournal("-shm")(path);
    },
    "with garbage as -wal and -shm": (path) => {
      writeFileSync(`${path}-wal`, garbage(40_000));
      writeFileSync(`${path}-shm`, garbage(32_768));
    },
    "with a foreign -journal": (path) => writeFileSync(`${path}-journal`, garbage(9_000)),
  };
  test.each(Object.entries(damages))("%s", async (_, damage) => {
    hearWarnings();
    const path = temporaryFile();
    await run(path);
    damage(path);
    await heals(path);
    expect(integrityOf(path)).toBe("ok");
  });

  test("a garbled page anywhere", async () => {
    hearWarnings();
    const sound = temporaryFile();
    await run(sound);
    const bytes = readFileSync(sound);
    for (let page = 1; page < bytes.length / PAGE; page += 7) {
      const garbled = Buffer.from(bytes);
      garbage(PAGE).copy(garbled, page * PAGE);
      await heals(copyOf(sound, garbled));
    }
  });

  test.each(VERSIONS)(
    "a header with a newer version, by one bit in byte %i: not repaired, but left for programs that can read it",
    async (place) => {
      hearWarnings();
      const path = temporaryFile();
      await run(path);
      const bytes = readFileSync(path);
      bytes[place] = bytes[place]! ^ 0b1000;
      writeFileSync(path, bytes);
      for (let time = 0; time < 3; time++) expect((await run(path)).calls).toBe(questions.length);
      expect(readFileSync(path).equals(bytes)).toBe(true);
    },
  );

  test("a header that requires a newer version for writing, by one bit: hits are served, and the file stays unchanged", async () => {
    hearWarnings();
    const path = temporaryFile();
    await run(path);
    const bytes = readFileSync(path);
    bytes[WRITE_VERSION] = bytes[WRITE_VERSION]! ^ 0b1000;
    writeFileSync(path, bytes);
    for (let time = 0; time < 2; time++) {
      expect((await run(path)).calls).toBe(0);
      const { client } = open({ provider: echo(), store: `sqlite:${path}` });
      expect(await ask(client, "new")).toMatchObject({ response: rightAnswer("new"), source: "provider" });
      await client.close();
    }
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("bit flips", async ({ annotate }) => {
    hearWarnings();
    const dice = luck();
    await annotate(`REMEM_SEED=${dice.seed}`);
    const sound = temporaryFile();
    await run(sound);
    for (let trial = 0; trial < 40; trial++) {
      const bytes = readFileSync(sound);
      for (let flip = 0; flip < 1 + dice.pick(8); flip++) {
        const place = dice.roll() < 0.2 ? dice.pick(100) : dice.pick(bytes.length);
        if (VERSIONS.includes(place) || place === WRITE_VERSION) continue;
        bytes[place] = bytes[place]! ^ (1 << dice.pick(8));
      }
      try {
        await heals(copyOf(sound, bytes));
      } catch (error) {
        throw new Error(`REMEM_SEED=${dice.seed}, trial ${trial}`, { cause: error });
      }
    }
  });
});

describe("a file that is damaged while in use yields right answers, and is repaired by that run or the next:", () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    truncated: (path) => truncateSync(path, 20_000),
    garbage: (path) => writeFileSync(path, garbage(100_000)),
    "replaced by garbage": (path) => {
      writeFileSync(`${path}.new`, garbage(100_000));
      renameSync(`${path}.new`, path);
    },
    removed: (path) => rmSync(path),
    "its -wal truncated": (path) => truncateSync(`${path}-wal`, 0),
    "its -wal removed": (path) => rmSync(`${path}-wal`),
    "its directory removed": (path) => rmSync(dirname(path), { recursive: true }),
  };
  test.each(Object.entries(damages))("%s", async (_, damage) => {
    const server = await startServer();
    const path = join(temporaryDirectory(), "cache", "cache.sqlite");
    const options = { store: `sqlite:${path}`, baseURL: server.baseURL };
    const worker = await startWorker(options);
    const right = await worker.ask(questions);
    for (let round = 0; round < 3; round++) {
      if (round === 0) damage(path);
      const answers = await worker.ask(questions);
      expect(answers.map(({ response }) => response)).toEqual(right.map(({ response }) => response));
    }
    expect((await worker.close()).code).toBe(0);

    const next = await startWorker(options);
    await next.ask(questions);
    const sources = (await next.ask(questions)).map(({ source }) => source);
    expect(new Set(sources)).toEqual(new Set(["store"]));
    await next.close();
    expect(integrityOf(path)).toBe("ok");
  });
});

/** Another file with these bytes, which is recorded as a cache like the original. */
function copyOf(sound: string, bytes: Buffer): string {
  const path = join(temporaryDirectory(), "cache.sqlite");
  mkdirSync(join(dirname(path), "cache.locks"));
  copyFileSync(sound.replace(/\.sqlite$/, ".locks/cache"), join(dirname(path), "cache.locks", "cache"));
  writeFileSync(path, bytes);
  return path;
}

function garbage(length: number): Buffer {
  const dice = luck(length);
  return Buffer.from(Array.from({ length }, () => dice.pick(256)));
}

/** The journal of another database, left by a backup or by a copy of a directory. */
function foreignJournal(suffix: string): (path: string) => void {
  return (path) => {
    const other = temporaryFile();
    const database = connectTo(other);
    database.exec("PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; CREATE TABLE theirs (a)");
    database.exec(`INSERT INTO theirs VALUES ('${"theirs".repeat(20_000)}')`);
    copyFileSync(other + suffix, path + suffix);
    database.close();
  };
}
