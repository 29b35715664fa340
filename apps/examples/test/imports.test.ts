import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("processes/import.mjs", import.meta.url));

test.each(["@remem/core", "@remem/openai", "@remem/sqlite", "@remem/testing", "remem", "@remem/cli"])(
  "importing %s opens no file, starts nothing that keeps a process alive, and loads neither the SDK nor SQLite",
  async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, name]);
    expect(JSON.parse(stdout)).toEqual({ opened: [], active: [], sdk: false, sqlite: false });
  },
);
