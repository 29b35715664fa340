import { randomUUID } from "node:crypto";
import type { ChatRequest } from "../chat/chat-completion.ts";
import type { chatSurface } from "../chat/chat-surface.ts";
import type { DeferredApi } from "../chat/deferred-api.ts";
import type { CacheStore, Lease } from "../contracts/cache-store.ts";
import type { ReadThrough } from "../engine/read-through-options.ts";
import { ProviderError, StoreError } from "../errors/errors.ts";
import { lockBatch } from "./lock.ts";
import { type BatchNote, batchOf, type Claim, claimOf, KEYS_A_NOTE, keysOf, submissionOf } from "./notes.ts";
import type { Records } from "./records.ts";

/** What all parts of a deferred job work with. */
export interface World {
  readonly api: DeferredApi;
  readonly provider: { readonly id: string; readonly scope?: string | undefined };
  readonly surface: typeof chatSurface;
  readonly store: CacheStore;
  readonly records: Records;
  readonly readThrough: Pick<ReadThrough, "find" | "put" | "account">;
  readonly signal: AbortSignal;
}

/** Fills batches with requests, and submits those that are full. */
export interface Filler {
  /** Adds a request whose claim `claim` writes with the token of a batch, unless another batch has it. Returns the token of the batch that has it. */
  add(key: string, request: ChatRequest, claim: (token: string) => Promise<string>): Promise<string>;
  /** Submits the rest. */
  finish(): Promise<void>;
  /** Gives the locks back. To be called after a failure, too. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface Filling {
  readonly token: string;
  readonly lock: Lease | undefined;
  readonly group: string;
  readonly createdAt: number;
  keys: string[];
  bytes: number;
}

/** How many claims are read at once. */
const PAGE = 256;

export function createFiller(world: World): Filler {
  const { api, provider, records, store } = world;
  const open = new Map<string, Filling>();

  async function start(group: string): Promise<Filling> {
    const token = randomUUID();
    const lock = await lockBatch(store, records, token);
    const filling = { token, lock, group, createdAt: Date.now(), keys: [], bytes: 0 };
    open.set(group, filling);
    // Known before its first claim: whoever finds that one looks for it.
    await records.put(batchOf(token), noteOf(filling, "claiming"));
    return filling;
  }
  function noteOf({ token, group, createdAt, keys, bytes }: Filling, state: BatchNote["state"]): BatchNote {
    const { id, scope } = provider;
    return {
      token,
      provider: id,
      ...(scope !== undefined && { scope }),
      group,
      state,
      createdAt,
      total: keys.length,
      bytes,
    };
  }
  async function seal(filling: Filling): Promise<void> {
    open.delete(filling.group);
    const { token, keys, lock } = filling;
    try {
      if (keys.length === 0) return await records.delete(batchOf(token));
      for (let page = 0; page * KEYS_A_NOTE < keys.length; page += 1) {
        await records.put(keysOf(token, page), keys.slice(page * KEYS_A_NOTE, (page + 1) * KEYS_A_NOTE));
      }
      const note = noteOf(filling, "sealed");
      await records.put(batchOf(token), note);
      await launch(world, note);
    } finally {
      await lock?.[Symbol.asyncDispose]();
    }
  }

  return {
    async add(key, request, claim) {
      const { maxRequests, maxBytes } = api.limits;
      const group = api.groupOf(request);
      const bytes = Buffer.byteLength(api.line(key, request)) + 1;
      let filling = open.get(group);
      if (filling !== undefined && (filling.keys.length >= maxRequests || filling.bytes + bytes > maxBytes)) {
        await seal(filling);
        filling = undefined;
      }
      filling ??= await start(group);
      const token = await claim(filling.token);
      if (token !== filling.token) return token;
      filling.keys.push(key);
      filling.bytes += bytes;
      return token;
    },
    async finish() {
      for (const filling of [...open.values()]) await seal(filling);
    },
    async [Symbol.asyncDispose]() {
      for (const { lock } of open.values()) await lock?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * Submits a sealed batch, whose lock the caller holds. A failure that may pass is noted, and the batch waits.
 * @throws {ProviderError} that no other attempt would help
 */
export async function launch(world: World, sealed: BatchNote): Promise<BatchNote> {
  const { api, records, signal } = world;
  const { token, bytes } = sealed;
  let note: BatchNote = { ...sealed, problem: undefined, isHeld: undefined };
  try {
    const { id, status } = await api.submit(
      {
        token: submissionOf(note),
        bytes,
        fileId: note.fileId,
        lines: () => linesOf(world, note),
        async uploaded(fileId) {
          note = { ...note, state: "creating", fileId, creatingAt: Date.now() };
          await records.put(batchOf(token), note);
        },
      },
      { signal },
    );
    note = { ...note, state: "submitted", batchId: id, status };
    await records.put(batchOf(token), note);
    return note;
  } catch (error) {
    if (!ProviderError.is(error)) throw error;
    const { status = 0, retryable, message } = error;
    // What was refused was not created. Its file may be the reason.
    const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 409;
    const fileId = status === 429 || !isRefused ? note.fileId : undefined;
    note = { ...note, problem: message, ...(isRefused && { state: "sealed", fileId, creatingAt: undefined }) };
    await records.put(batchOf(token), note);
    if (!retryable && note.state !== "creating") throw error;
    return note;
  }
}

async function* linesOf({ api, records }: World, note: BatchNote): AsyncGenerator<string, void, undefined> {
  for await (const [key, claim] of claimsOf(records, note)) {
    if (claim === undefined) {
      const problem = `The store has lost the request ${key} of a batch that waits to be submitted. Cancel it: remem deferred cancel ${note.token}`;
      throw new StoreError(problem, { store: "deferred" });
    }
    yield api.line(key, claim.request);
  }
}

/** The keys of a sealed batch in the order of its lines. */
async function* keysIn(records: Records, { token, total }: BatchNote): AsyncGenerator<string[], void, undefined> {
  for (let page = 0; page * KEYS_A_NOTE < total; page += 1) {
    yield (await records.get<string[]>(keysOf(token, page))) ?? [];
  }
}

/** The claims of a sealed batch, in the order of its lines. */
export async function* claimsOf(
  records: Records,
  note: BatchNote,
): AsyncGenerator<readonly [key: string, claim: Claim | undefined], void, undefined> {
  for await (const keys of keysIn(records, note)) {
    for (let at = 0; at < keys.length; at += PAGE) {
      const page = keys.slice(at, at + PAGE);
      const claims = await records.getMany<Claim>(page.map(claimOf));
      for (const [index, key] of page.entries()) yield [key, claims[index]];
    }
  }
}

/** Moves requests from one batch, whose lock the caller holds, to new ones. */
export async function requeue(
  { records }: World,
  filler: Filler,
  from: string,
  claims: AsyncIterable<readonly [key: string, claim: Claim]>,
): Promise<void> {
  for await (const [key, claim] of claims) {
    if (claim.token !== from) continue;
    await filler.add(key, claim.request, async (token) => {
      await records.put(claimOf(key), { ...claim, token });
      return token;
    });
  }
}
