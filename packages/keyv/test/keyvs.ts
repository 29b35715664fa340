import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv-6";
import type { KeyvLike } from "../src/index.ts";

/** The members that both versions share. */
interface Keyv extends KeyvLike {
  get(key: string): Promise<unknown>;
  getMany(keys: string[]): Promise<unknown[]>;
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  clear(): Promise<void>;
  readonly iterator?: (namespace?: string) => AsyncGenerator;
  on(event: string, listener: (...details: unknown[]) => void): unknown;
}
type KeyvConstructor = new (options: { readonly store: unknown; readonly namespace?: string }) => Keyv;

export const KEYVS: ReadonlyArray<readonly [version: string, Keyv: KeyvConstructor]> = [
  ["Keyv 5", Keyv5],
  ["Keyv 6", Keyv6],
];
