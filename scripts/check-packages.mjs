// Checks the packages as they are packed: every file that a manifest names is in the tarball, declarations resolve, nothing is
// unused, and core stays small. Needs a build.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { publishedPackages } from "./published-packages.mjs";
import { run, step, temporaryDirectory } from "./steps.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const tarballs = temporaryDirectory("remem-tarballs");

const checks = [
  step("knip", () => run("knip", [], { cwd: root })),
  step("knip --production", () => run("knip", ["--production"], { cwd: root })),
  step("size-limit", () => run("size-limit", [], { cwd: root })),
  ...publishedPackages(root).map(checkPackage),
];
for (const { reason } of await Promise.allSettled(checks)) {
  if (reason === undefined) continue;
  console.error(`\n${reason.message}`);
  process.exitCode = 1;
}

async function checkPackage({ directory, manifest }) {
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", tarballs], { cwd: directory });
  const { filename, files } = JSON.parse(stdout);
  const { name } = manifest;

  await step(`${name}: contents`, async () => {
    const paths = files.map(({ path }) => path);
    const wrong = [...missing(manifest, paths), ...unused(manifest, paths, directory), ...strange(paths)];
    if (wrong.length > 0) throw new Error([`${name}:`, ...wrong].join("\n  "));
  });
  await step(`${name}: publint`, () => run("publint", ["run", filename, "--strict"], { cwd: directory }));
  await step(`${name}: attw`, () => run("attw", [filename, "--profile", "esm-only"], { cwd: directory }));
}

function missing({ exports, bin = {}, files }, paths) {
  const promised = ["README.md", "LICENSE", ...files.filter((path) => !path.startsWith("!"))];
  return [...promised, ...leaves(exports), ...leaves(bin)]
    .map((path) => path.replace("./", ""))
    .filter((wanted) => !paths.some((path) => path === wanted || path.startsWith(`${wanted}/`)))
    .map((wanted) => `${wanted} is not in the tarball`);
}

function leaves(value) {
  return typeof value === "string" ? [value] : Object.values(value).flatMap(leaves);
}

/** What no export and no file of an export imports is left from another build. attw checks the declarations. */
function unused({ exports }, paths, directory) {
  const used = new Set();
  function follow(path) {
    if (used.has(path) || !path.endsWith(".js")) return;
    used.add(path);
    const code = readFileSync(join(directory, path), "utf8");
    for (const [, name] of code.matchAll(/(?:from|import) ?\(?"\.\/([^"]+)"/g))
      follow(posix.join(posix.dirname(path), name));
  }
  for (const path of leaves(exports)) follow(path.replace("./", ""));
  return paths
    .filter((path) => /^dist\/(?!page\/).*\.js$/.test(path) && !used.has(path))
    .map((path) => `${path} is what no export imports`);
}

function strange(paths) {
  const usual =
    /^(package\.json|.+\.schema\.json|README\.md|LICENSE|bin\/.+\.js|dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts|dist\/page\/(LICENSES\.md|index\.html|assets\/.+\.(css|js|svg))|deploy\/(Containerfile|compose\.yaml|.+\.service)|src\/page\/.+\.(css|html|svg|tsx|json))$/;
  return paths.filter((path) => !usual.test(path)).map((path) => `${path} does not belong into the tarball`);
}
