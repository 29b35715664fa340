// Compiled and never run: what does not compile is the test.
import type { LLMProvider } from "@remem/core";
import { type ProviderContractCase, providerContract } from "../../src/index.ts";

const create = null as unknown as () => LLMProvider;
const reason = "the vendor's SDK does not";

providerContract({ create, skip: [{ case: "obeys x-should-retry, both ways", reason }] });

// @ts-expect-error: a misspelt name
providerContract({ create, skip: [{ case: "obeys x-should-retry both ways", reason }] });

// @ts-expect-error: no reason
providerContract({ create, skip: [{ case: "obeys x-should-retry, both ways" }] });

// @ts-expect-error: not any text
export const name: ProviderContractCase = reason;
