import { completionsServer, storeContract } from "@remem/testing";
import { describe, test, vi } from "vitest";

const server = await completionsServer();
vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
vi.stubEnv("OPENAI_API_KEY", "sk-test");
vi.spyOn(console, "log").mockImplementation(() => {});
const { mapStore } = await import("../src/own-store.ts"); // It runs, as it does for its readers.
await server.close();
vi.restoreAllMocks();
vi.unstubAllEnvs();

describe("the store of the recipe keeps the promises of a store", () => {
  for (const { group, name, run } of storeContract({ create: mapStore })) test(`${group}: ${name}`, run);
});
