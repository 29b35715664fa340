// Argument: a file. Creates a store and reports what that has loaded, created and started, then the same after its
// first use.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { sqliteStore } from "@remem/sqlite";

const path = process.argv[2];
const state = () => ({
  sqliteLoaded: process.moduleLoadList.includes("NativeModule sqlite"),
  directoryMade: existsSync(dirname(path)),
  timers: process.getActiveResourcesInfo().filter((resource) => /Timeout|Immediate/.test(resource)).length,
});

const store = sqliteStore({ path });
const made = state();
await store.set("k", "v");
process.send({ made, used: state() });
// The store stays open, which must not keep the process alive.
process.disconnect();
