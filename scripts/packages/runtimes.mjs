import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { nodePackage } from "../node-package.mjs";
import { outcomeOf, run } from "../steps.mjs";
import { writeJson } from "./project.mjs";

const NODE_20 = "20.20.2";
/** It has node:sqlite without a flag, but not what remem uses of it. */
const NODE_22_OLD = "22.13.0";
const BUN_OLD = "1.3.14";
const BUN = "1.4.5";
const DENO = "2.9.6";
const DENO_FLAGS = ["run", "--allow-read", "--allow-write", "--allow-net", "--allow-env"];

/** Shows that remem keeps answers in each runtime that has an SQLite for it, and that the others are told. */
export async function runtimes({ project, temporary, oldestNode, nodes, server }) {
  const place = project("runtimes", { topic: "runtimes" });
  Object.assign(place.env, { OPENAI_BASE_URL: server.baseURL });
  await run("npm", ["install", "remem", "@remem/cli", "@remem/testing"], place);

  const isLinux = `${process.platform}-${process.arch}` === "linux-x64";
  const versions = [NODE_20, NODE_22_OLD, ...nodes];
  const tool = await install(temporary, {
    ...Object.fromEntries(versions.map((version) => [`node-${version}`, nodePackage(version)])),
    ...(isLinux && {
      "bun-old": `@oven/bun-linux-x64@${BUN_OLD}`,
      bun: `@oven/bun-linux-x64@${BUN}`,
      deno: `@deno/linux-x64-glibc@${DENO}`,
    }),
  });
  const node = (version) => tool(`node-${version}`, "bin/node");

  const needed = `remem needs Node ${oldestNode} or later; this is v${NODE_20}.\n`;
  await prints(place, node(NODE_20), ["import.mjs"], `INVALID_OPTION: ${needed}`.repeat(2));
  const command = await outcomeOf(node(NODE_20), ["node_modules/@remem/cli/bin/remem.js", "--help"], place);
  assert.deepEqual(command, { status: 1, stdout: "", stderr: needed });

  await isRefused(place, node(NODE_22_OLD), [], {
    needs: `the node:sqlite of Node ${oldestNode} or later; this is Node v${NODE_22_OLD}. Update Node`,
  });
  for (const version of nodes) {
    await keeps(place, node(version));
    await keepsUnderPermissions(place, node(version));
  }

  if (!isLinux) return;
  await isRefused(place, tool("bun-old", "bin/bun"), [], {
    needs: `the node:sqlite of Bun 1.4.0 or later; this is Bun ${BUN_OLD}. Update Bun`,
  });
  const bun = tool("bun", "bin/bun");
  await keeps(place, bun);
  await keepsContract(place, bun);
  const deno = tool("deno", "deno");
  await isRefused(place, deno, DENO_FLAGS, {
    needs: `to ask the system for hostname, statfs, uid, which this Deno ${DENO} may not. Run deno with --allow-sys=hostname,statfs,uid`,
  });
  const allowed = [...DENO_FLAGS, "--allow-sys=hostname,statfs,uid"];
  await keeps(place, deno, allowed);
  await keepsContract(place, deno, allowed);
}

/** The next process has the answer. */
async function keeps(place, command, flags = []) {
  const ask = [...flags, "ask.mjs", "sqlite:cache/answers.sqlite"];
  await prints(place, command, ask, "provider store\n");
  await prints(place, command, ask, "store store\n");
  rmSync(join(place.cwd, "cache"), { recursive: true });
}

/** For runtimes that the suites of the packages do not run in. */
async function keepsContract(place, command, flags = []) {
  await prints(place, command, [...flags, "contract.mjs"], "all passed\n");
}

/** Asks nothing of the server before the user has been told, and works with another store. */
async function isRefused(place, command, flags, { needs }) {
  const problem = `The store "sqlite" needs ${needs}, or use another store, such as memoryStore().`;
  await prints(place, command, [...flags, "ask.mjs", "sqlite:cache/"], `INVALID_OPTION: ${problem}\n`);
  await prints(place, command, [...flags, "ask.mjs", "memory:"], "provider store\n");
}

/** Node's permission model: no alarm over a new file, and the flag where it is missing. */
async function keepsUnderPermissions({ cwd, env }, node) {
  const { stdout } = await run(node, ["-p", "process.allowedNodeEnvironmentFlags.has('--allow-net')"], { cwd, env });
  const flags = ["--permission", "--allow-fs-read=*", ...(stdout === "true\n" ? ["--allow-net"] : [])];
  // Node 26 warns of --allow-net, Node 22 of the whole model.
  flags.push("--disable-warning=ExperimentalWarning");
  const files = join(cwd, "cache", "*");
  const ask = ["ask.mjs", "sqlite:cache/answers.sqlite"];
  await prints({ cwd, env }, node, [...flags, `--allow-fs-write=${files}`, ...ask], "provider store\n");
  await prints({ cwd, env }, node, [...flags, `--allow-fs-write=${files}`, ...ask], "store store\n");
  rmSync(join(cwd, "cache"), { recursive: true });
  const { stderr } = await run(node, [...flags, ...ask], { cwd, env });
  assert.match(
    stderr,
    new RegExp(`Run node with --allow-fs-read=.*--allow-fs-write=${RegExp.escape?.(files) ?? ".*"}`),
  );
}

async function prints({ cwd, env }, command, args, stdout) {
  assert.deepEqual(await outcomeOf(command, args, { cwd, env }), { status: 0, stdout, stderr: "" });
}

/**
 * Installs packages, by the names that the programs below use, with the user's caches: they are tools of up to 100 MB each, not
 * under test.
 */
async function install(temporary, tools) {
  const cwd = join(temporary, "runtimes-tools");
  mkdirSync(cwd, { recursive: true });
  writeJson(join(cwd, "package.json"), { private: true });
  const specs = Object.entries(tools).map(([name, spec]) => `${name}@npm:${spec}`);
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...specs], { cwd });
  return (name, file) => join(cwd, "node_modules", name, file);
}
