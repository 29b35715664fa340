import type { AnyClient } from "./redis-client.ts";
import { runScript, WRITE } from "./scripts.ts";

/** The Redis keys of an entry and of its lease. */
export interface EntryKeys {
  readonly value: string;
  readonly sidecar: string;
  readonly lease: string;
}

/** A value and its sidecar, encoded for Redis. */
export interface EntryTexts {
  readonly value: string;
  readonly sidecar: string | undefined;
}

/** The condition of a script that replaces a key of another type, but no value. Otherwise the condition is a leader's token. */
export const ABSENT = "absent";

/** Replaces value and sidecar in one transaction. */
export async function writeBoth(
  redis: AnyClient,
  keys: EntryKeys,
  { value, sidecar }: EntryTexts,
  leftMs: number | undefined,
): Promise<void> {
  const written = (redis as Transactional).multi().set(keys.value, value, expiration(leftMs));
  await (sidecar === undefined
    ? written.unlink(keys.sidecar)
    : written.set(keys.sidecar, sidecar, expiration(leftMs))
  ).exec();
}

/** Returns whether there was no value. */
export async function writeIfAbsent(
  redis: AnyClient,
  keys: EntryKeys,
  { value, sidecar }: EntryTexts,
  leftMs: number | undefined,
): Promise<boolean> {
  const reply = await redis.set(keys.value, value, { ...expiration(leftMs), condition: "NX" });
  if (reply === null) return false;
  if (sidecar === undefined) await redis.unlink(keys.sidecar);
  else await redis.set(keys.sidecar, sidecar, expiration(leftMs));
  return true;
}

export async function writeByScript(
  redis: AnyClient,
  keys: EntryKeys,
  { value, sidecar }: EntryTexts,
  leftMs: number | undefined,
  condition: string,
): Promise<void> {
  const texts = [value, sidecar === undefined ? "0" : "1", sidecar ?? ""];
  const expiry = leftMs === undefined ? [] : ["PX", `${leftMs}`];
  await runScript(redis, WRITE, [keys.value, keys.sidecar, keys.lease], [condition, ...texts, ...expiry]);
}

const expiration = (leftMs: number | undefined): Expiration =>
  leftMs === undefined ? {} : { expiration: { type: "PX", value: leftMs } };

interface Expiration {
  readonly expiration?: { readonly type: "PX"; readonly value: number };
}

/** The members that clients of all kinds share, and that a union of their types does not show. */
interface Transactional {
  multi(): Transaction;
}
interface Transaction {
  set(key: string, value: string, options: Expiration): Transaction;
  unlink(key: string): Transaction;
  exec(): Promise<unknown>;
}
