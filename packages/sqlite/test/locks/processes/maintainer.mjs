// Argument: a file. Takes the lock on it as a whole, creates `<file>.maintained`, and works forever.
import { writeFileSync } from "node:fs";
import { createMaintenance } from "../../../src/file/maintenance.ts";

const [path] = process.argv.slice(2);
createMaintenance(path).run(() => {
  writeFileSync(`${path}.maintained`, "");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
