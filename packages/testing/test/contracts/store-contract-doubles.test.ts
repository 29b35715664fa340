import { describe, expect, test } from "vitest";
import { storeContract } from "../../src/index.ts";
import type { Break } from "../doubles/break.ts";
import { contractOptions, referenceStore } from "../doubles/reference-store.ts";
import { DOUBLES } from "../doubles/store-doubles.ts";

const names = storeContract(contractOptions(referenceStore)).map(({ name }) => name);

/** What a case says against the store with this change; undefined where it passes. */
async function failureOf(name: string, change: Break, timeoutMs: number): Promise<string | undefined> {
  const options = contractOptions((backend) => {
    const store = referenceStore(backend);
    return { ...store, ...change(store, backend) };
  });
  const found = storeContract({ ...options, timeoutMs }).find((one) => one.name === name);
  try {
    await found!.run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test("every case has a store that breaks it", () => {
  const broken = Object.entries(DOUBLES).flatMap(([name, { length }]) => (length > 0 ? name : []));
  expect(broken.toSorted()).toEqual(names.toSorted());
});

test("a store without a break passes every case", async () => {
  const failures = await Promise.all(names.map((name) => failureOf(name, () => ({}), 10_000)));
  expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
});

describe("a case fails for a store that breaks it:", () => {
  for (const [name, doubles] of Object.entries(DOUBLES)) {
    for (const [broken, change, says] of doubles) {
      test.concurrent(`${name}: ${broken}`, async () => {
        // Some of them never do what the case waits for.
        expect((await failureOf(name, change, 3_000)) ?? "It passed.").toMatch(says);
      });
    }
  }
});
