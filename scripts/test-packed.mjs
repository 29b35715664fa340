// Runs the suites against the packages as they are packed. In a copy of the repository, the folder of a package has the contents
// of its tarball, and its tests. Tests and the processes that they start can import nothing else. Needs a build.
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { copyRepository } from "./copy-repository.mjs";
import { publishedPackages } from "./published-packages.mjs";
import { run, step, temporaryDirectory } from "./steps.mjs";

const LEFT_OUT = {
  "apps/bench": "it tests how the bench measures",
  "apps/docs": "it has no tests, and installs by itself",
};

const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
const copy = realpathSync(temporaryDirectory("remem-packed"));
const tarballs = temporaryDirectory("remem-tarballs");
const folders = globSync("{packages,apps}/*/package.json", { cwd: root })
  .map(dirname)
  .filter((folder) => !(folder in LEFT_OUT))
  .sort();
const published = publishedPackages(root).map(({ directory }) => relative(root, directory));

for (const [folder, reason] of Object.entries(LEFT_OUT)) console.log(`without ${folder}: ${reason}`);
await step("copy the repository", () => copyRepository(root, copy));
await step("pack the packages", () => Promise.all(published.map(unpack)));
await step("link what they depend on", linkAll);
// The fault suite runs alone, because it starts more processes than there are cores.
for (const script of ["test", "faults"]) {
  const suites = folders.filter((folder) => script in manifestIn(folder).scripts).values();
  await Promise.all(Array.from({ length: availableParallelism() }, () => work(suites, script)));
}

/** Replaces the sources by the packed files. A test that imports the package by the path of its source gets the packed one. */
async function unpack(folder) {
  const place = join(copy, folder);
  for (const path of manifestIn(folder).files) rmSync(join(place, path), { recursive: true, force: true });
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", tarballs], { cwd: join(root, folder) });
  await run("tar", ["-xzf", JSON.parse(stdout).filename, "-C", place, "--strip-components=1"], { cwd: root });
  for (const { "remem-source": source, default: file } of Object.values(manifestIn(folder).exports)) {
    writeFileSync(join(place, source), `export * from "./${posix.relative(posix.dirname(source), file)}";\n`);
  }
}

function linkAll() {
  linkDependencies(".");
  symlinkSync(join(root, "node_modules/.bin"), join(copy, "node_modules/.bin"), "junction");
  for (const folder of folders) {
    linkDependencies(folder);
    if (!published.includes(folder)) copyBuilt(folder);
  }
}

/** Copies the builds of private packages, which other packages start. */
function copyBuilt(folder) {
  const built = join(root, folder, "dist");
  if (existsSync(built)) cpSync(built, join(copy, folder, "dist"), { recursive: true });
}

/** Links devDependencies for the tests of a package alone, as its tarball lacks them. */
function linkDependencies(folder) {
  const { dependencies, peerDependencies, devDependencies } = manifestIn(folder);
  const isPacked = published.includes(folder);
  link(folder, ".", { ...dependencies, ...peerDependencies, ...(!isPacked && devDependencies) });
  if (isPacked) link(folder, "test", { ...devDependencies });
}

function link(folder, place, dependencies) {
  for (const name of Object.keys(dependencies)) {
    const target = relative(root, realpathSync(join(root, folder, "node_modules", name)));
    const isOurs = folders.includes(target);
    assert(isOurs || target.startsWith("node_modules"), `${folder} has ${name} from ${target}`);
    const path = join(copy, folder, place, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(isOurs ? copy : root, target), path, "junction");
  }
}

async function work(suites, script) {
  const env = { ...process.env, REMEM_TEST_PACKED: "1" };
  for (const folder of suites) {
    const suite = () => run("npm", ["run", script], { cwd: join(copy, folder), env, timeoutMs: 1_200_000 });
    await step(`${manifestIn(folder).name}: ${script}`, suite).catch(({ message }) => {
      console.error(`\n${message}`);
      process.exitCode = 1;
    });
  }
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(join(copy, folder, "package.json"), "utf8"));
}
