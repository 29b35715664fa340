import { randomUUID } from "node:crypto";
import type { Lease } from "../contracts/cache-store.ts";
import { lockBatch, settle } from "./lock.ts";
import { type BatchNote, batchOf, type Claim, claimOf, KEYS_A_NOTE, keysOf, surfaceOf } from "./notes.ts";
import { bytesOf, claimsAt, launch, type World } from "./submitter.ts";

/** A request for a batch. */
export interface Addition {
  readonly key: string;
  readonly request: object;
  /** The size of its line in a file, in bytes. */
  readonly bytes: number;
}

/** Fills batches with requests, and submits those that are full. */
export interface Filler {
  /**
   * Adds requests. `claim` writes the claims of some of them with the token of a batch. It returns for each the token of the
   * batch that has it, or undefined if the request is not needed any more. Resolves with the tokens of all, in their order.
   */
  add<One extends Addition>(
    additions: readonly One[],
    claim: (token: string, part: readonly One[]) => Promise<ReadonlyArray<string | undefined>>,
  ): Promise<ReadonlyArray<string | undefined>>;
  /** Submits the rest. */
  finish(): Promise<void>;
  /** Releases the locks. Called after a failure, too. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How many requests are moved at once. */
const PAGE = 256;

interface Filling {
  readonly token: string;
  readonly lock: Lease | undefined;
  readonly group: string;
  readonly createdAt: number;
  keys: string[];
  bytes: number;
  /** The longest time that writing claims has taken, in milliseconds. */
  slowestMs: number;
}

export function createFiller(world: World): Filler {
  const { api, provider, surface, records, store, signal } = world;
  const { maxRequests, maxBytes } = api.limits;
  const open = new Map<string, Filling>();

  async function start(group: string): Promise<Filling> {
    const token = randomUUID();
    const lock = await lockBatch(world, token, { isNew: true });
    const filling = { token, lock, group, createdAt: Date.now(), keys: [], bytes: 0, slowestMs: 0 };
    open.set(group, filling);
    // Written before the batch's first claim: a process that finds the claim looks for the batch.
    await records.put(batchOf(token), noteOf(filling, "claiming"));
    return filling;
  }
  function noteOf({ token, group, createdAt, keys, bytes }: Filling, state: BatchNote["state"]): BatchNote {
    const { id, scope } = provider;
    const name = surfaceOf(surface);
    return {
      token,
      provider: id,
      ...(scope !== undefined && { scope }),
      ...(name !== undefined && { surface: name }),
      group,
      state,
      createdAt,
      total: keys.length,
      bytes,
    };
  }
  async function seal(filling: Filling): Promise<void> {
    open.delete(filling.group);
    const { token, lock, slowestMs } = filling;
    try {
      if (store.flights === undefined && filling.keys.length > 0) {
        await settle(slowestMs, signal);
        Object.assign(filling, await stillOurs(world, filling));
      }
      const { keys } = filling;
      if (keys.length === 0) return await records.delete(batchOf(token));
      for (let page = 0; page * KEYS_A_NOTE < keys.length; page += 1) {
        await records.put(keysOf(token, page), keys.slice(page * KEYS_A_NOTE, (page + 1) * KEYS_A_NOTE));
      }
      const note = noteOf(filling, "sealed");
      await records.put(batchOf(token), note);
      await launch(world, note, lock);
    } finally {
      await lock?.[Symbol.asyncDispose]();
    }
  }
  const hasRoom = ({ keys, bytes }: Pick<Filling, "keys" | "bytes">, more: number): boolean =>
    keys.length < maxRequests && bytes + more <= maxBytes;

  /** Finds the batch for the next request of a group. */
  async function fillingFor(group: string, bytes: number): Promise<Filling> {
    const filling = open.get(group);
    if (filling !== undefined && hasRoom(filling, bytes)) return filling;
    if (filling !== undefined) await seal(filling);
    return start(group);
  }
  /** The requests from an index on that fit into a batch if it gets all of them. */
  function fitting<One extends Addition>({ keys, bytes }: Filling, additions: readonly One[], from: number): One[] {
    const part: One[] = [];
    for (let at = from; at < additions.length && keys.length + part.length < maxRequests; at += 1) {
      bytes += additions[at]!.bytes;
      if (bytes > maxBytes && part.length > 0) break;
      part.push(additions[at]!);
    }
    return part;
  }

  return {
    async add(additions, claim) {
      const tokens = new Map<string, string | undefined>();
      for (const [group, own] of Map.groupBy(additions, ({ request }) => api.groupOf(request))) {
        for (let at = 0; at < own.length; ) {
          const filling = await fillingFor(group, own[at]!.bytes);
          const part = fitting(filling, own, at);
          const startedAt = performance.now();
          const claimed = await claim(filling.token, part);
          filling.slowestMs = Math.max(filling.slowestMs, performance.now() - startedAt);
          for (const [index, { key, bytes }] of part.entries()) {
            tokens.set(key, claimed[index]);
            if (claimed[index] !== filling.token) continue;
            filling.keys.push(key);
            filling.bytes += bytes;
          }
          at += part.length;
        }
      }
      return additions.map(({ key }) => tokens.get(key));
    },
    async finish() {
      for (const filling of [...open.values()]) await seal(filling);
    },
    async [Symbol.asyncDispose]() {
      for (const { lock } of open.values()) await lock?.[Symbol.asyncDispose]();
    },
  };
}

/** Returns the requests of a batch that no other process has claimed meanwhile, which can happen if the store has no leases. */
async function stillOurs(
  { api, records }: World,
  { token, keys }: Pick<Filling, "token" | "keys">,
): Promise<Pick<Filling, "keys" | "bytes">> {
  const ours: { keys: string[]; bytes: number } = { keys: [], bytes: 0 };
  for await (const [key, claim] of claimsAt(records, keys)) {
    if (claim?.token !== token) continue;
    ours.keys.push(key);
    ours.bytes += bytesOf(api, key, claim.request);
  }
  return ours;
}

/** Moves requests from one batch, whose lock the caller holds, to new ones. */
export async function requeue(
  { api, records }: World,
  filler: Filler,
  from: string,
  claims: AsyncIterable<readonly [key: string, claim: Claim]>,
): Promise<void> {
  let page: Array<Addition & { readonly claim: Claim }> = [];
  async function move(): Promise<void> {
    await filler.add(page, async (token, part) => {
      await records.putMany(part.map(({ key, claim }) => [claimOf(key), { ...claim, token }]));
      return part.map(() => token);
    });
    page = [];
  }
  for await (const [key, claim] of claims) {
    if (claim.token !== from) continue;
    const { request } = claim;
    page.push({ key, request, bytes: bytesOf(api, key, request), claim });
    if (page.length === PAGE) await move();
  }
  await move();
}
