import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findPackage, missingPackages } from "../../src/modules/find-package.ts";

let root: string;
let ours: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "remem-modules-")));
  ours = pathToFileURL(file("ours/index.js")).href;
  vi.spyOn(process, "cwd").mockReturnValue(join(root, "work"));
  process.argv[1] = file("program/main.js");
});
const program = process.argv[1]!;
afterEach(() => {
  process.argv[1] = program;
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

function file(path: string, text = ""): string {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  return place;
}
const install = (place: string, name: string): string => file(`${place}/node_modules/${name}/index.js`);

test("a package is found next to the module that asks, next to the program, and in the working directory, in this order", () => {
  expect(() => findPackage("@any/thing", ours)).toThrow(/Cannot find module '@any\/thing'/);
  for (const place of ["work", "program", "ours"]) {
    const path = install(place, "@any/thing");
    expect(findPackage("@any/thing", ours)).toBe(path);
  }
});

test("a package is found next to the program that a global command is a link to", () => {
  const path = install("global/lib", "@any/thing");
  mkdirSync(join(root, "global/bin"), { recursive: true });
  symlinkSync(file("global/lib/node_modules/cli/main.js"), join(root, "global/bin/command"));
  process.argv[1] = join(root, "global/bin/command");
  expect(findPackage("@any/thing", ours)).toBe(path);
});

test("a bundle, which has no address of its own, finds packages next to the program", () => {
  const path = install("program", "thing");
  expect(findPackage("thing", undefined)).toBe(path);
});

test("missing packages are listed as they are to be installed", () => {
  install("ours", "thing");
  install("ours", "@any/thing");
  const wanted = ["thing@5", "@any/thing@2", "other@1", "@other/thing@6.0.0-beta.4", "@other/plain"];
  expect(missingPackages(wanted, ours)).toEqual(wanted.slice(2));
});
