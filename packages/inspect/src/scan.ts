import { type CacheStore, decodeHead, headOf, type StoredHead, StoreError } from "@remem/core/plugin";

/** An entry as a store lists it: always its head, and its value where the store gives that, too. */
export interface Scanned extends StoredHead {
  readonly value?: string;
}

/** An entry whose value is known. */
export interface Loaded extends Scanned {
  readonly value: string;
}

interface ScanOptions {
  readonly prefix?: string | undefined;
  readonly newestFirst?: boolean;
  /** Sidecars with more bytes may be samples. */
  readonly sampleAbove?: number;
}

/** How many values are read at once, unless they are large. */
const PAGE = 64;
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Lists the entries of a store without holding them in memory.
 * @throws {StoreError} if the store cannot list its entries
 */
export function scan(
  store: CacheStore,
  { prefix = "", newestFirst = false, sampleAbove }: ScanOptions = {},
): AsyncIterable<Scanned> {
  if (store.heads !== undefined) return store.heads({ newestFirst, prefix, sampleAbove });
  const entries = scanEntries(store, prefix);
  return newestFirst ? sorted(store, entries) : entries;
}

async function* scanEntries(store: CacheStore, prefix: string): AsyncGenerator<Loaded, void, undefined> {
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

/** Holds the keys of all entries in memory and reads the values a second time, a page at a time. */
async function* sorted(store: CacheStore, entries: AsyncIterable<Scanned>): AsyncGenerator<Scanned, void, undefined> {
  const places: Array<{ readonly key: string; readonly head: string; readonly bytes: number; readonly age: number }> =
    [];
  for await (const { key, head, bytes } of entries) {
    places.push({ key, head, bytes, age: -(decodeHead(head)?.createdAt ?? 0) });
  }
  places.sort((one, other) => one.age - other.age);
  for (let at = 0; at < places.length; at += PAGE) {
    const page = places.slice(at, at + PAGE);
    const sidecars = await Promise.all(page.map(({ key }) => store.getSidecar?.(key)));
    for (const [index, { key, head, bytes }] of page.entries()) yield { key, head, bytes, sidecar: sidecars[index] };
  }
}

/** Adds their values to entries, page by page, and leaves out those that have gone meanwhile. */
export async function* withValues(
  store: CacheStore,
  entries: AsyncIterable<Scanned>,
): AsyncGenerator<Loaded, void, undefined> {
  let page: Scanned[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    page.push(entry);
    bytes += entry.bytes;
    if (page.length < PAGE && bytes < PAGE_BYTES) continue;
    yield* await loaded(store, page);
    page = [];
    bytes = 0;
  }
  yield* await loaded(store, page);
}

async function loaded(store: CacheStore, page: readonly Scanned[]): Promise<Loaded[]> {
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
