import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { beforeEach, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../bin/remem.js", import.meta.url));
let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const { NODE_PATH: _, ...env } = process.env; // Package managers set it, and every package would be found.
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], { cwd: directory, env }, (_, out, err) =>
      resolve({ status: child.exitCode ?? -1, out, err }),
    );
  });
}

test("the command asks for @remem/cli if that is not installed", async () => {
  expect(await run("--help")).toEqual({ status: 1, out: "", err: expect.stringContaining("npm install @remem/cli") });
});

test("the command runs the @remem/cli of the project that it is called from", async () => {
  const cli = join(directory, "node_modules", "@remem", "cli");
  mkdirSync(cli, { recursive: true });
  writeFileSync(join(cli, "package.json"), '{ "type": "module", "exports": "./cli.js" }');
  writeFileSync(join(cli, "cli.js"), "export const main = async (args) => (console.log(args.join()), 3);");
  expect(await run("ask", "Hi")).toEqual({ status: 3, out: "ask,Hi\n", err: "" });
});
