// Compiled and never run: what does not compile is the test.
import type { CacheStore } from "@remem/core";
import { type StoreContractCase, storeContract } from "../../src/index.ts";

const create = null as unknown as () => CacheStore;
const reason = "the server keeps nothing";

storeContract({ create, skip: [{ case: "what was set outlasts closing and reopening", reason }] });

// @ts-expect-error: a misspelt name
storeContract({ create, skip: [{ case: "what was set outlasts closing and opening", reason }] });

// @ts-expect-error: no reason
storeContract({ create, skip: [{ case: "what was set outlasts closing and reopening" }] });

// @ts-expect-error: not any text
export const name: StoreContractCase = reason;

// @ts-expect-error: no store to try
storeContract({ reopen: create });
