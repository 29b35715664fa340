import { test } from "node:test";
import { providerContract } from "@remem/testing";
import { openrouterProvider } from "../src/index.ts";

const cases = providerContract({
  create: (options) => openrouterProvider({ apiKey: "any-key-will-do", ...options }),
});
for (const { name, run } of cases) test(name, run);
