import { describe, expect, test } from "vitest";
import { providerContract } from "../../src/index.ts";
import { DEFERRED_DOUBLES } from "../doubles/deferred-doubles.ts";
import { DOUBLES as OTHER_DOUBLES } from "../doubles/provider-doubles.ts";
import { referenceProvider } from "../doubles/reference-provider.ts";
import { STREAM_DOUBLES } from "../doubles/stream-doubles.ts";

const DOUBLES = { ...OTHER_DOUBLES, ...STREAM_DOUBLES, ...DEFERRED_DOUBLES };

const names = providerContract({ create: referenceProvider }).map(({ name }) => name);

test("every case has a provider that breaks it", () => {
  const broken = Object.entries(DOUBLES).flatMap(([name, { length }]) => (length > 0 ? name : []));
  expect(broken.toSorted()).toEqual(names.toSorted());
});

describe("a case fails for a provider that breaks it:", () => {
  for (const [name, doubles] of Object.entries(DOUBLES)) {
    for (const { broken, create, says } of doubles) {
      test.concurrent(`${name}: ${broken}`, async () => {
        const found = providerContract({ create }).find((one) => one.name === name);
        await expect(found?.run()).rejects.toThrow(says);
      });
    }
  }
});
