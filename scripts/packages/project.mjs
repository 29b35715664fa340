import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodePackage } from "../node-package.mjs";
import { run } from "../steps.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const programs = fileURLToPath(new URL("programs", import.meta.url));

/** Makes a function that creates projects below a directory: they have nothing of this machine but the registry. */
export function projectsIn(temporary, registryUrl) {
  /**
   * Creates a working directory with copies of the programs of a topic, or an empty one, and an environment with an empty HOME
   * that configures nothing but the registry.
   */
  return function project(name, { topic, npmrc = "", type } = {}) {
    const home = join(temporary, name, "home");
    const cwd = join(temporary, name, "project");
    for (const directory of [home, cwd]) mkdirSync(directory, { recursive: true });
    if (topic !== undefined) cpSync(join(programs, topic), cwd, { recursive: true });
    writeJson(join(cwd, "package.json"), { private: true, ...(type && { type }) });
    writeFileSync(join(home, ".npmrc"), `registry=${registryUrl}\n${npmrc}`);

    const ours = /^(npm|pnpm|openai|remem|xdg|turbo|node_(options|path|env)|init_cwd|ci$)/i;
    const env = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !ours.test(variable)));
    env.PATH = env.PATH.split(delimiter)
      .filter((directory) => !directory.startsWith(root))
      .join(delimiter);
    // This registry has no audits, and the notice of a newer npm is not under test.
    const npm = { npm_config_audit: "false", npm_config_update_notifier: "false" };
    return { cwd, env: { ...env, HOME: home, USERPROFILE: home, ...npm } };
  };
}

/** Lets a project use this version of Node. */
export async function useNode({ cwd, env }, version) {
  // With the user's caches: this is a tool of 50 MB, not under test.
  const which = ["--yes", "-p", nodePackage(version), "node", "-p", "process.execPath"];
  const node = (await run("npx", which, { cwd: dirname(cwd) })).stdout.trim();
  env.PATH = dirname(node) + delimiter + env.PATH;
  assert.equal((await run("node", ["--version"], { cwd, env })).stdout, `v${version}\n`);
}

/** Installs, and fails on any warning: about engines, peers, deprecations or install scripts. */
export function silent({ stdout, stderr }) {
  assert.equal(stderr, "");
  assert.doesNotMatch(stdout, /warn|engine|peer|deprecat|script/i, stdout);
}

export function helpful({ stdout, stderr }) {
  assert.match(stdout, /^Usage: remem/);
  assert.equal(stderr, "");
}

export function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
