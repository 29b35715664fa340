import { execFile } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { KEYV_SCHEMES } from "../src/keyv-schemes.ts";

const program = fileURLToPath(new URL("processes/open-stores.mjs", import.meta.url));
const FACADE = ["remem", "@remem/core", "@remem/fetch", "@remem/openai", "@remem/sqlite", "eventsource-parser"];

/** Copies built packages into a directory, as npm installs them. */
function install(directory: string, names: readonly string[]): void {
  for (const name of names) {
    const source = name === "remem" ? fileURLToPath(new URL("..", import.meta.url)) : directoryOf(name);
    for (const part of ["package.json", "dist"]) {
      cpSync(join(source, part), join(directory, "node_modules", name, part), { recursive: true });
    }
  }
}

/** The directory of a package that the facade depends on, or that one of its dependencies does. */
function directoryOf(name: string): string {
  const require = createRequire(import.meta.url);
  const from = name.startsWith("@remem/") ? require : createRequire(require.resolve("@remem/fetch"));
  return dirname(dirname(from.resolve(name)));
}

/** Installs a package that consists of this line. */
function installLine(directory: string, name: string, line: string): void {
  const place = join(directory, "node_modules", name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "index.js"), line);
}

/** Opens stores in a program at `directory`, and returns what each says. The program runs in `cwd`. */
async function open(directory: string, urls: readonly string[], cwd = directory): Promise<string[]> {
  const file = join(directory, "open-stores.mjs");
  cpSync(program, file);
  const { NODE_PATH: _, ...env } = process.env; // pnpm sets it, and Node looks there, too.
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...urls], { cwd, env });
  return JSON.parse(stdout);
}

const commandIn = (message: string | undefined): string | undefined =>
  /npm install [^.]*(?:\.\d[^. ]*)*/.exec(message ?? "")?.[0];

test("an error names everything that a URL needs and that is not installed, in one command", async () => {
  const directory = temporaryDirectory();
  install(directory, FACADE);
  const url = "postgres://user:hunter2@localhost/database";
  const command = async () => commandIn((await open(directory, [url]))[0]);

  expect((await open(directory, [url]))[0]).toBe(
    "MISSING_PACKAGE A store at postgres: needs the package @remem/keyv: npm install @remem/keyv keyv@5 @keyv/postgres@2. A bundled program passes keyvStore() as `store` to createRemem instead.",
  );
  installLine(directory, "keyv", "exports.Keyv = class {};");
  expect(await command()).toBe("npm install @remem/keyv @keyv/postgres@2");
  install(directory, ["@remem/keyv"]);
  expect((await open(directory, [url]))[0]).toBe(
    "MISSING_PACKAGE A store at postgres: needs the package @keyv/postgres: npm install @keyv/postgres@2. A bundled program passes keyvStore() as `store` instead.",
  );
  installLine(directory, "@keyv/postgres", 'require("not-there");');
  expect((await open(directory, [url]))[0]).toMatch(/^MISSING_PACKAGE The package @keyv\/postgres cannot be loaded: /);
  installLine(directory, "@keyv/postgres", 'exports.default = class {}; require("keyv");');
  expect(await open(directory, [url])).toEqual(["there"]);
});

test("an adapter is found where a command runs, and the Keyv that it lacks is named", async () => {
  const [global, cwd] = [temporaryDirectory(), temporaryDirectory()];
  install(global, [...FACADE, "@remem/keyv"]);
  installLine(cwd, "@keyv/postgres", 'exports.default = class {}; require("keyv");');
  const url = "postgres://localhost/database";
  expect(commandIn((await open(global, [url], cwd))[0])).toBe("npm install keyv@5");
  installLine(cwd, "keyv", "exports.Keyv = class {};");
  expect(await open(global, [url], cwd)).toEqual(["there"]);
});

test("remem and @remem/keyv list the same schemes, and what each needs", async () => {
  const directory = temporaryDirectory();
  install(directory, [...FACADE, "@remem/keyv"]);
  const schemes = Object.keys(KEYV_SCHEMES);
  const said = await open(directory, [...schemes.map((scheme) => `${scheme}://localhost/database`), "keyv nothing://"]);
  expect(said.at(-1)).toContain(`must be one of ${schemes.join(", ")}.`);
  for (const [index, scheme] of schemes.entries()) {
    expect(said[index]).toMatch(`A store at ${scheme}: needs the package @keyv/`);
    expect(commandIn(said[index])).toBe(`npm install ${KEYV_SCHEMES[scheme]!.join(" ")}`);
  }
});

test("the error for another scheme lists all that exist", async () => {
  const directory = temporaryDirectory();
  install(directory, FACADE);
  const [said] = await open(directory, ["mongo://user:hunter2@host"]);
  for (const scheme of ["memory", "sqlite", "redis", "rediss", ...Object.keys(KEYV_SCHEMES)])
    expect(said).toContain(`${scheme}:`);
  expect(said).toMatch(/^INVALID_OPTION .*this is a mongo: URL/);
  expect(said).not.toMatch(/hunter2|npm install/);
});
