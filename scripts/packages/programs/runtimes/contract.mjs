// Holds the default store of a runtime to the contract of stores.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sqliteStore } from "@remem/sqlite";
import { storeContract } from "@remem/testing";

const directory = mkdtempSync("contract-");
let made = 0;
const open = () => sqliteStore({ path: join(directory, `${made}.sqlite`) });
const create = () => {
  made += 1;
  return open();
};
let passed = 0;
for (const { name, run } of storeContract({ create, reopen: open, slowness: 5 })) {
  try {
    await run();
    passed += 1;
  } catch (error) {
    console.log(`${name}: ${error.stack}`);
  }
}
rmSync(directory, { recursive: true });
console.log(passed > 40 ? "all passed" : `only ${passed} cases ran`);
