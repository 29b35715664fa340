import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { outcomeOf, run } from "../steps.mjs";

const TOOLS = [
  "esbuild@0.28.2",
  "rollup@4.68.8",
  "@rollup/plugin-commonjs@29.0.3",
  "@rollup/plugin-node-resolve@16.0.3",
  "vite@8.4.0",
  "webpack@5.113.0",
  "webpack-cli@7.3.1",
];
const ADAPTERS = ["@remem/azure", "@remem/qwen", "@remem/redis"];
const BUNDLES = ["esbuild.mjs", "esbuild.cjs", "rollup.mjs", "rollup.cjs", "vite.mjs", "webpack.cjs", "webpack.mjs"];
const MISSING = `provider store
MISSING_PACKAGE @remem/azure: npm install @remem/azure. A bundled program passes azureProvider() as \`provider\` to createRemem instead.
MISSING_PACKAGE @remem/qwen: npm install @remem/qwen. A bundled program passes qwenProvider() as \`provider\` to createRemem instead.
MISSING_PACKAGE @remem/redis: npm install @remem/redis. A bundled program passes redisStore() as \`store\` to createRemem instead.
`;

/** Shows that a program runs as a bundle, next to its packages and without any, and finds adapters that are installed. */
export async function bundlers({ project, temporary, server }) {
  const { cwd, env } = project("bundlers", { topic: "bundlers" });
  env.OPENAI_BASE_URL = server.baseURL;
  await run("npm", ["install", "--ignore-scripts", "remem", ...TOOLS], { cwd, env });
  for (const [format, ending] of [
    ["esm", "mjs"],
    ["cjs", "cjs"],
  ]) {
    const to = [`--format=${format}`, `--outfile=dist/esbuild.${ending}`];
    await run("npx", ["esbuild", "program.js", "--bundle", "--platform=node", ...to], { cwd, env });
  }
  await run("npx", ["rollup", "--config", "rollup.config.mjs"], { cwd, env });
  await run("npx", ["vite", "build", "--ssr", "program.js"], { cwd, env });
  await run("npx", ["webpack"], { cwd, env });

  const alone = join(temporary, "bundles");
  mkdirSync(alone);
  cpSync(join(cwd, "dist"), alone, { recursive: true });
  for (const bundle of BUNDLES) await prints(join(alone, bundle), { cwd: alone, env }, MISSING);
  await run("npm", ["install", ...ADAPTERS], { cwd, env });
  const there = `provider store\n${"there\n".repeat(ADAPTERS.length)}`;
  for (const bundle of BUNDLES) await prints(join(alone, bundle), { cwd, env }, there);
}

async function prints(bundle, { cwd, env }, stdout) {
  assert.deepEqual(await outcomeOf("node", [bundle], { cwd, env }), { status: 0, stdout, stderr: "" }, bundle);
  rmSync(join(cwd, "cache"), { recursive: true });
}
