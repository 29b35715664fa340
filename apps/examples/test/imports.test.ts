import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "./run.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
  (name) => /^@?remem/.test(name) && name !== "@remem/test-support", // It has no entry of its own.
);

test.each(names)(
  "importing %s opens no file, starts nothing that keeps the process alive, and loads no SDK, driver or SQLite",
  async (name) => {
    const { status, out, err } = await run(process.execPath, ["processes/import.mjs", name], { cwd: here });
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(JSON.parse(out)).toEqual({ opened: [], active: [], heavy: [], sqlite: false });
  },
);
