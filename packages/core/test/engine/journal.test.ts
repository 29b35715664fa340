// What a journal gets of each kind of call.
import { expect, test, vi } from "vitest";
import {
  type CacheStore,
  type ChatCompletion,
  type ClientOptions,
  createCall,
  createClient,
  createReadThrough,
  type Journal,
  type JournalCall,
  memoryStore,
  type Surface,
} from "../../src/index.ts";
import { breakableStore, completion, createGate, scriptedProvider, user } from "../doubles.ts";

const KEY = /^[\da-f]{64}$/;
const TOKENS = { prompt: 9, completion: 3 };

interface Listing extends Journal {
  /** The records since the last time. */
  taken(): JournalCall[];
}

function listing(members: Pick<Journal, "close"> = {}): Listing {
  const records: JournalCall[] = [];
  return { specVersion: 1, record: (call) => void records.push(call), taken: () => records.splice(0), ...members };
}

type Answer = Parameters<typeof scriptedProvider>[0];

function setUp(options: Partial<ClientOptions> & { readonly answer?: Answer } = {}) {
  const { answer, ...others } = options;
  const journal = listing();
  const provider = scriptedProvider(answer ?? (() => completion("an answer")));
  const client = createClient({ provider, store: memoryStore(), params: { model: "m" }, journal, ...others });
  return { client, journal, provider };
}

/** The facts that differ from those of a usual call. */
function facts(calls: readonly JournalCall[]): Array<Partial<JournalCall>> {
  return calls.map(({ at, key, durationMs, surface, model, ...rest }) => {
    expect(key).toMatch(KEY);
    expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect([surface, model]).toEqual(["chat", "m"]);
    const { mode, tokens, notStored, error, source } = rest;
    return {
      source,
      ...(mode !== "default" && { mode }),
      ...(tokens !== undefined && { tokens }),
      ...(notStored !== undefined && { notStored }),
      ...(error !== undefined && { error }),
    };
  });
}

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "answered",
    ({ code, message }) => code ?? message,
  );
}

test("a miss and a hit have one record each, with the key and the tokens of the answer", async () => {
  const { client, journal } = setUp();
  const { key } = await client.infer("Hi");
  const [miss, ...others] = journal.taken();
  expect(others).toEqual([]);
  expect(miss?.key).toBe(key);
  expect(facts([miss!])).toEqual([{ source: "provider", tokens: TOKENS }]);
  await client.infer("Hi");
  expect(facts(journal.taken())).toEqual([{ source: "store", tokens: TOKENS }]);
});

test("calls that join another have a record each", async () => {
  const gate = createGate();
  const { client, journal } = setUp({ answer: () => gate.opened.then(() => completion("a")) });
  const calls = Array.from({ length: 3 }, () => client.infer("Hi"));
  gate.open();
  await Promise.all(calls);
  const sources = facts(journal.taken()).map(({ source }) => source);
  expect(sources.sort()).toEqual(["flight", "flight", "provider"]);
});

test("a batch has a record for each item, and a miss does not count the wait for its turn", async () => {
  const slow = () => new Promise<ChatCompletion>((resolve) => setTimeout(() => resolve(completion("a")), 20));
  const { client, journal } = setUp({ answer: slow });
  const questions = Array.from({ length: 20 }, (_, index) => `question ${index}`);
  const startedAt = performance.now();
  await client.batchInfer([...questions, questions[0]!], {}, { concurrency: 1 });
  const elapsedMs = performance.now() - startedAt;
  const calls = journal.taken();
  expect(facts(calls).filter(({ source }) => source === "provider")).toHaveLength(20);
  expect(calls).toHaveLength(21);
  const paid = calls.filter(({ source }) => source === "provider");
  expect(paid.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeLessThan(2 * elapsedMs);
});

test.each<[string, Partial<ClientOptions> & { readonly answer?: Answer }]>([
  ["finish-reason", { answer: () => completion("a", {}, { finish_reason: "content_filter" }) }],
  ["no-content", { answer: () => completion("") }],
  ["admit", { admit: () => false }],
  ["too-large", { maxEntryBytes: 10 }],
])("an answer that is not stored has its reason: %s", async (notStored, options) => {
  const { client, journal } = setUp(options);
  await client.infer("Hi");
  expect(facts(journal.taken())).toEqual([{ source: "provider", tokens: TOKENS, notStored }]);
  expect(client.stats().notStored).toEqual({ [notStored]: 1 });
});

test("an answer that does not match its schema has a record with each attempt", async () => {
  const { client, journal } = setUp({ answer: () => completion("{}") });
  const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] } as const;
  expect(await codeOf(client.infer("Hi", {}, { schema, retries: 1 }))).toBe("SCHEMA_MISMATCH");
  const attempt = { source: "provider", tokens: TOKENS, notStored: "schema" };
  expect(facts(journal.taken())).toEqual([attempt, attempt]);
});

test("an answer that the store refuses is a store-error, and fails the call with `throw`", async () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  for (const onStoreError of ["bypass", "throw"] as const) {
    const store = breakableStore(memoryStore());
    store.broken.add("set");
    const { client, journal } = setUp({ store, onStoreError });
    const code = await codeOf(client.infer("Hi"));
    const record = { source: "provider", tokens: TOKENS, notStored: "store-error" };
    await vi.waitFor(async () => {
      if (onStoreError === "bypass") expect([code, facts(journal.taken())]).toEqual(["answered", [record]]);
      else expect([code, facts(journal.taken())]).toEqual(["STORE_ERROR", [{ ...record, error: "STORE_ERROR" }]]);
    });
    await client.close();
  }
  warnings.mockRestore();
});

test("a store that cannot be read, where that fails the call, leaves no record: nothing was asked", async () => {
  const store = breakableStore(memoryStore());
  store.broken.add("get");
  const { client, journal } = setUp({ store, onStoreError: "throw" });
  expect(await codeOf(client.infer("Hi"))).toBe("STORE_ERROR");
  await client.close();
  expect(journal.taken()).toEqual([]);
});

test("a provider that fails has a record for the call and for those that joined it, without tokens", async () => {
  const gate = createGate();
  const { client, journal } = setUp({ answer: () => gate.opened.then(() => Promise.reject(new Error("down"))) });
  const calls = [client.infer("Hi"), client.infer("Hi")].map(codeOf);
  gate.open();
  expect(await Promise.all(calls)).toEqual(["PROVIDER_ERROR", "PROVIDER_ERROR"]);
  await client.close();
  expect(facts(journal.taken())).toEqual([
    { source: "provider", error: "PROVIDER_ERROR" },
    { source: "flight", error: "PROVIDER_ERROR" },
  ]);
});

test("modes other than the default are recorded, and a miss of only-if-cached with its code", async () => {
  const { client, journal } = setUp();
  expect(await codeOf(client.infer("Hi", {}, { cache: "only-if-cached" }))).toBe("CACHE_MISS");
  for (const cache of ["no-store", "reload", "only-if-cached", "default"] as const) {
    await client.infer("Hi", {}, { cache });
  }
  expect(facts(journal.taken())).toEqual([
    { source: "store", mode: "only-if-cached", error: "CACHE_MISS" },
    { source: "provider", mode: "no-store", tokens: TOKENS },
    { source: "provider", mode: "reload", tokens: TOKENS },
    { source: "store", mode: "only-if-cached", tokens: TOKENS },
    { source: "store", tokens: TOKENS },
  ]);
});

test("a call that is refused, or aborted before anything is asked, leaves no record", async () => {
  const reading = createGate();
  const store: CacheStore = { ...memoryStore(), get: () => reading.opened.then(() => undefined) };
  const { client, journal } = setUp({ store });
  await expect(client.infer({ messages: "Hi", model: "" })).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  const controller = new AbortController();
  const call = client.infer("Hi", {}, { signal: controller.signal });
  controller.abort(new Error("gone"));
  await expect(call).rejects.toThrow("gone");
  reading.open();
  await client.close();
  expect(journal.taken()).toEqual([]);
});

test("where the caller that asked leaves, its record has the tokens that others have got for it", async () => {
  const gate = createGate();
  const { client, journal, provider } = setUp({ answer: () => gate.opened.then(() => completion("a")) });
  const controller = new AbortController();
  const first = client.infer("Hi", {}, { signal: controller.signal });
  const second = client.infer("Hi");
  await vi.waitFor(() => expect(provider.calls).toHaveLength(1), 30_000);
  controller.abort(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  expect(journal.taken()).toEqual([]);
  gate.open();
  expect((await second).source).toBe("flight");
  await client.close();
  expect(facts(journal.taken()).sort((one, other) => (one.source! < other.source! ? -1 : 1))).toEqual([
    { source: "flight", tokens: TOKENS },
    { source: "provider", tokens: TOKENS, error: "ABORTED" },
  ]);
});

test("a call that is aborted while it asks, and one that a close cuts off, have a record with their code", async () => {
  vi.useFakeTimers();
  try {
    const { client, journal, provider } = setUp({ answer: () => new Promise(() => {}) });
    const controller = new AbortController();
    const aborted = codeOf(client.infer("Hi", {}, { signal: controller.signal }));
    const cutOff = codeOf(client.infer("Ho"));
    await vi.waitFor(() => expect(provider.calls).toHaveLength(2), 30_000);
    controller.abort(new Error("gone"));
    expect(await aborted).toBe("gone");
    const closing = client.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await cutOff).toBe("CLIENT_CLOSED");
    await closing;
    expect(facts(journal.taken()).map(({ error }) => error)).toEqual(["ABORTED", "CLIENT_CLOSED"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a call whose answer is still being stored gets its answer, and its record when that has ended", async () => {
  const gate = createGate();
  const backend = memoryStore();
  const store: CacheStore = {
    ...backend,
    set: (...args) =>
      gate.opened.then(() => {
        throw new Error(`no room for ${args[0]}`);
      }),
  };
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const { client, journal } = setUp({ store });
  expect((await client.infer("Hi")).source).toBe("provider");
  expect(journal.taken()).toEqual([]);
  gate.open();
  await client.close();
  expect(facts(journal.taken())).toEqual([{ source: "provider", tokens: TOKENS, notStored: "store-error" }]);
  warnings.mockRestore();
});

test("a journal that throws costs a warning, and never an answer", async () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const record = () => {
    throw new Error("no room");
  };
  const { client } = setUp({ journal: { specVersion: 1, record } });
  expect((await client.infer("Hi")).source).toBe("provider");
  expect((await client.infer("Hi")).source).toBe("store");
  await client.close();
  const said = warnings.mock.calls.map(([message]) => message);
  expect(said).toEqual(["`journal` threw: no room", "`journal` threw: no room"]);
  warnings.mockRestore();
});

test("the journal is closed with the last client that uses it, after its last record", async () => {
  const close = vi.fn(async () => {});
  const journal = listing({ close });
  const clients = [1, 2].map(() => setUp({ journal }).client);
  await clients[0]!.close();
  expect(close).not.toHaveBeenCalled();
  const last = codeOf(clients[1]!.infer("Hi"));
  await clients[1]!.close();
  expect(close).toHaveBeenCalledOnce();
  expect(await last).toBe("answered");
  expect(journal.taken()).toHaveLength(1);
});

test("a journal that is none is refused by name", () => {
  for (const journal of [true, "journal.jsonl", null, {}]) {
    const create = () => setUp({ journal: journal as never });
    expect(create).toThrow("createClient: `journal` must be one of specVersion 1.");
  }
  const create = () => setUp({ journal: { specVersion: 1 } as never });
  expect(create).toThrow("createClient: `journal` must be an object with a method `record`.");
});

test("no record contains the prompt or the answer", async () => {
  const { client, journal } = setUp({ answer: () => completion("the secret answer") });
  await client.infer(user("the secret prompt"));
  await client.infer(user("the secret prompt"));
  expect(JSON.stringify(journal.taken())).not.toContain("secret");
});

interface Word {
  readonly word: string;
}
const words: Surface<Word, Word> = {
  specVersion: 1,
  name: "words",
  unkeyed: new Set(),
  check() {},
  isAnswer: (value): value is Word => typeof (value as Word).word === "string",
  admit: () => true,
};
const ask = async ({ word }: Word): Promise<Word> => ({ word });

test("a surface that tells neither model nor tokens leaves both out of its records", async () => {
  for (const members of [{}, { tokens: fail }]) {
    const journal = listing();
    const cache = createReadThrough({ store: memoryStore(), journal });
    for (let round = 0; round < 2; round++) {
      await cache.get(createCall({ ...words, ...members }, { word: "a" }, { provider: "p", ask }));
    }
    const facts = journal.taken().map(({ surface, model, tokens, source }) => [surface, model, tokens, source]);
    expect(facts).toEqual([
      ["words", undefined, undefined, "provider"],
      ["words", undefined, undefined, "store"],
    ]);
  }
});

function fail(): never {
  throw new Error("cannot tell");
}

test("a call that is followed has a record, also where its reader leaves before the end", async () => {
  const journal = listing();
  const cache = createReadThrough({ store: memoryStore(), journal });
  const call = (word: string) =>
    createCall(
      words,
      { word },
      {
        provider: "p",
        async ask(request, { publish }) {
          publish({ piece: true });
          return word === "b" ? new Promise(() => {}) : ask(request);
        },
      },
    );
  for await (const _ of cache.follow(call("a")).chunks());
  const left = cache.follow(call("b"));
  await left.chunks().next();
  left.leave();
  await left.outcome.catch(() => {});
  await cache.close();
  expect(journal.taken().map(({ source, error }) => [source, error])).toEqual([
    ["provider", undefined],
    ["provider", "ABORTED"],
  ]);
});

test("only a client with a journal takes the time of its hits", async () => {
  async function timesTaken(journal: Journal | undefined): Promise<number> {
    const { client } = setUp({ journal });
    await client.infer("Hi");
    const now = vi.spyOn(performance, "now");
    await client.infer("Hi");
    const times = now.mock.calls.length;
    now.mockRestore();
    return times;
  }
  expect(await timesTaken(listing())).toBe((await timesTaken(undefined)) + 2);
});
