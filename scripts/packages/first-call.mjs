import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../steps.mjs";
import { helpful, silent, useNode, writeJson } from "./project.mjs";

/** Adapters that the facade loads on demand. If one is missing, it tells how to install it. */
const ADAPTERS = ["@remem/azure", "@remem/qwen", "@remem/redis"];

export async function typescriptWithNpm({ project, root, server, devDependencies }) {
  const { cwd, env } = project("typescript", { type: "module" });
  const [, code] = readFileSync(join(root, "README.md"), "utf8").match(/^## First call\n+```ts\n(.*?)^```$/ms);
  writeFileSync(join(cwd, "index.ts"), code);
  writeJson(join(cwd, "tsconfig.json"), {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      module: "nodenext",
      target: "es2023",
      types: ["node"],
    },
  });

  silent(await run("npm", ["install", "remem", "@remem/cli"], { cwd, env }));
  const tools = ["typescript", "@types/node"].map((name) => `${name}@${devDependencies[name]}`);
  silent(await run("npm", ["install", "--save-dev", ...tools], { cwd, env }));
  await run("npx", ["tsc"], { cwd, env });

  const calls = server.calls;
  const called = { ...env, OPENAI_API_KEY: "any", OPENAI_BASE_URL: server.baseURL };
  const { stdout, stderr } = await run("node", ["index.js"], { cwd, env: called });
  assert.match(stdout, /^true true store\n/);
  assert.equal(stderr, "");
  assert.equal(server.calls - calls, 1);
  helpful(await run("npx", ["remem", "--help"], { cwd, env }));
}

export async function esmWithNpm({ project }, version) {
  const { cwd, env } = project(`node-${version}`, { topic: "first-call" });
  await useNode({ cwd, env }, version);

  silent(await run("npm", ["install", "remem", "@remem/testing"], { cwd, env }));
  const printed = await run("node", ["first-call.mjs"], { cwd, env });
  assert.deepEqual(printed, { stdout: "1 true true store\n", stderr: "" });

  const missing = await run("node", ["adapters.mjs"], { cwd, env });
  assert.deepEqual(missing, { stdout: ADAPTERS.map((name) => `npm install ${name}\n`).join(""), stderr: "" });
  silent(await run("npm", ["install", ...ADAPTERS, "@remem/keyv", "keyv"], { cwd, env }));
  // A client for Azure takes 31 MB, and all that we need of it are types.
  assert(!existsSync(join(cwd, "node_modules", "@azure")));
  const installed = await run("node", ["adapters.mjs"], { cwd, env });
  assert.deepEqual(installed, { stdout: ADAPTERS.map(() => "there\n").join(""), stderr: "" });
}

export async function esmWithPnpm({ project }) {
  const { cwd, env } = project("pnpm", { topic: "first-call" });
  // By default pnpm installs no version that is less than a day old.
  writeFileSync(join(cwd, "pnpm-workspace.yaml"), 'minimumReleaseAgeExclude: ["remem", "@remem/*"]\n');
  silent(await run("pnpm", ["add", "remem", "@remem/cli", "@remem/testing"], { cwd, env }));
  const printed = await run("node", ["first-call.mjs"], { cwd, env });
  assert.deepEqual(printed, { stdout: "1 true true store\n", stderr: "" });
  helpful(await run("pnpm", ["exec", "remem", "--help"], { cwd, env }));
}

export async function npx({ project }, args) {
  const { cwd, env } = project(`npx-${args.length}`);
  helpful(await run("npx", ["--yes", ...args, "--help"], { cwd, env }));
}

/** Only @remem/cli has the command: npm refuses a global install whose command another package has installed. */
export async function globalInstalls({ project, server }) {
  const { cwd, env } = project("global", { topic: "gateway" });
  const install = (name) => run("npm", ["install", "--global", "--prefix", ".", name], { cwd, env });
  for (const name of ["remem", "@remem/cli"]) await install(name);
  const remem = join(cwd, process.platform === "win32" ? "." : "bin", "remem");
  helpful(await run(remem, ["--help"], { cwd, env }));

  const called = { ...env, OPENAI_API_KEY: "any", OPENAI_BASE_URL: server.baseURL };
  const ask = () => run(remem, ["run", "--", "node", "ask.mjs"], { cwd, env: called });
  await assert.rejects(ask(), /npm install @remem\/gateway/);
  await install("@remem/gateway");
  const calls = server.calls;
  for (const status of ["remem; fwd=miss", "remem; hit"]) assert.equal((await ask()).stdout, `${status}\n`);
  assert.equal(server.calls - calls, 1);
}
