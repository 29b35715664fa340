import { describe, expect, test } from "vitest";
import { storeContract } from "../../src/index.ts";
import type { Break } from "../doubles/break.ts";
import { contractOptions, referenceStore } from "../doubles/reference-store.ts";
import { DOUBLES } from "../doubles/store-doubles.ts";

const names = storeContract(contractOptions(referenceStore)).map(({ name }) => name);

/** The messages of the cases that fail. Runs all cases concurrently, each with its own backend. */
async function failuresOf(change: Break, timeoutMs = 1_000): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  async function play(name: string): Promise<void> {
    const options = contractOptions((backend) => {
      const store = referenceStore(backend);
      return { ...store, ...change(store, backend) };
    });
    const found = storeContract({ ...options, timeoutMs }).find((one) => one.name === name);
    await found?.run().catch((error: Error) => failures.set(name, error.message));
  }
  await Promise.all(names.map(play));
  return failures;
}

test("every case has a store that breaks it", () => {
  const broken = Object.entries(DOUBLES).flatMap(([name, { length }]) => (length > 0 ? name : []));
  expect(broken.toSorted()).toEqual(names.toSorted());
});

test("a store without a break passes every case", async () => {
  expect(await failuresOf(() => ({}), 10_000)).toEqual(new Map());
});

describe("a case fails for a store that breaks it:", () => {
  for (const [name, doubles] of Object.entries(DOUBLES)) {
    for (const [broken, change, says] of doubles) {
      test.concurrent(`${name}: ${broken}`, async () => {
        expect((await failuresOf(change)).get(name) ?? "It passed.").toMatch(says);
      });
    }
  }
});
