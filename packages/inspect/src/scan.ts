import { type CacheStore, decodeHead, headOf, isReservedKey, type StoredHead, StoreError } from "@remem/core/plugin";
import { createSlices } from "./slices.ts";

/** An entry as a store lists it: always its head, and its value if the store gives it, too. */
export interface Scanned extends StoredHead {
  readonly value?: string;
}

/** An entry that is listed; its value is read later, unless the store has given it. */
export type Listed = Pick<Scanned, "key" | "bytes" | "value" | "sidecar">;

/** An entry whose value is known. */
export interface Loaded extends Listed {
  readonly value: string;
}

interface ScanOptions {
  readonly prefix?: string | undefined;
  /** Sidecars with more bytes may be samples. */
  readonly sampleAbove?: number;
}

/** How many values are read at once, unless they are large. */
const PAGE = 64;
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Lists the entries of a store without holding them in memory, in no particular order.
 * @throws {StoreError} if the store cannot list its entries
 */
export function scan(store: CacheStore, { prefix = "", sampleAbove }: ScanOptions = {}): AsyncIterable<Scanned> {
  return wanted(store.heads?.({ prefix, sampleAbove }) ?? scanEntries(store, prefix), isAnswer);
}

/** Notes about running batches are not answers. */
function isAnswer({ key }: Pick<Scanned, "key">): boolean {
  return !isReservedKey(key);
}

/**
 * Lists the entries that `isWanted`, the newest first. If a store has no `heads`, it reads everything, and holds the keys in
 * memory.
 * @throws {StoreError} if the store cannot list its entries
 */
export function scanNewestFirst(
  store: CacheStore,
  prefix: string | undefined,
  isWanted: (entry: Scanned) => boolean,
): AsyncIterable<Listed> {
  const { heads } = store;
  const entries = wanted(
    heads?.({ newestFirst: true, prefix }) ?? scanEntries(store, prefix),
    (entry) => isAnswer(entry) && isWanted(entry),
  );
  return heads === undefined ? sorted(store, entries) : entries;
}

export async function* wanted(
  entries: AsyncIterable<Scanned>,
  isWanted: (entry: Scanned) => boolean,
): AsyncGenerator<Scanned, void, undefined> {
  const nextSlice = createSlices();
  for await (const entry of entries) {
    const pause = nextSlice();
    if (pause !== undefined) await pause;
    if (isWanted(entry)) yield entry;
  }
}

async function* scanEntries(store: CacheStore, prefix = ""): AsyncGenerator<Scanned, void, undefined> {
  if (store.entries === undefined) {
    const problem = `The store "${store.name}" cannot list its entries: it has no \`entries\`. Its answers can only be read by their keys.`;
    throw new StoreError(problem, { store: store.name });
  }
  for await (const [key, value, sidecar] of store.entries()) {
    if (!key.startsWith(prefix)) continue;
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value) + Buffer.byteLength(sidecar ?? "");
    yield { key, head: headOf(value), bytes, value, sidecar };
  }
}

/** Holds nothing but keys, and reads the rest a second time, a page at a time. */
async function* sorted(store: CacheStore, entries: AsyncIterable<Scanned>): AsyncGenerator<Listed, void, undefined> {
  const places: Array<{ readonly key: string; readonly bytes: number; readonly createdAt: number }> = [];
  for await (const { key, head, bytes } of entries) {
    places.push({ key, bytes, createdAt: decodeHead(head)?.createdAt ?? 0 });
  }
  places.sort((one, other) => other.createdAt - one.createdAt);
  for await (const page of pagesOf(places)) {
    const sidecars = await Promise.all(page.map(({ key }) => store.getSidecar?.(key)));
    for (const [index, { key, bytes }] of page.entries()) yield { key, bytes, sidecar: sidecars[index] };
  }
}

/** Adds their values to entries, page by page, and leaves out those that have gone meanwhile. */
export async function* withValues(
  store: CacheStore,
  entries: AsyncIterable<Listed>,
): AsyncGenerator<Loaded, void, undefined> {
  for await (const page of pagesOf(entries)) yield* await loaded(store, page);
}

async function* pagesOf<Entry extends Pick<Listed, "bytes">>(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): AsyncGenerator<Entry[], void, undefined> {
  let page: Entry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    page.push(entry);
    bytes += entry.bytes;
    if (page.length < PAGE && bytes < PAGE_BYTES) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  yield page;
}

async function loaded(store: CacheStore, page: readonly Listed[]): Promise<Loaded[]> {
  const missing = page.filter(({ value }) => value === undefined).map(({ key }) => key);
  const values = new Map<string, string | undefined>();
  const read = missing.length === 0 ? [] : await valuesOf(store, missing);
  for (const [index, key] of missing.entries()) values.set(key, read[index]);
  return page.flatMap((entry) => {
    const value = entry.value ?? values.get(entry.key);
    return value === undefined ? [] : { ...entry, value };
  });
}

async function valuesOf(store: CacheStore, keys: readonly string[]): Promise<ReadonlyArray<string | undefined>> {
  return store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key)));
}
