import assert from "node:assert/strict";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outcomeOf, run } from "../steps.mjs";

const TOOLS = [
  "esbuild@0.28.2",
  "rollup@4.68.8",
  "@rollup/plugin-commonjs@29.0.3",
  "@rollup/plugin-json@6.1.0",
  "@rollup/plugin-node-resolve@16.0.3",
  "vite@8.4.0",
  "webpack@5.113.0",
  "webpack-cli@7.3.1",
];
const ADAPTERS = ["@remem/azure", "@remem/qwen", "@remem/redis"];
const bundlesOf = (name) => [
  ...["esbuild", "rollup", "webpack"].flatMap((tool) => [`${tool}-${name}.mjs`, `${tool}-${name}.cjs`]),
  `vite-${name}.mjs`,
];
const MISSING = `provider store store
MISSING_PACKAGE @remem/azure: npm install @remem/azure. A bundled program passes azureProvider() as \`provider\` to createRemem instead.
MISSING_PACKAGE @remem/qwen: npm install @remem/qwen. A bundled program passes qwenProvider() as \`provider\` to createRemem instead.
MISSING_PACKAGE @remem/redis: npm install @remem/redis. A bundled program passes redisStore() as \`store\` to createRemem instead.
`;

/** Shows that a program runs as one file, away from its packages, with adapters in the file or found where it is started. */
export async function bundlers({ project, temporary, server }) {
  const { cwd, env } = project("bundlers", { topic: "bundlers" });
  env.OPENAI_BASE_URL = server.baseURL;
  await run("npm", ["install", "--ignore-scripts", "remem", ...ADAPTERS, ...TOOLS], { cwd, env });
  await esbuild({ cwd, env });
  await run("npx", ["rollup", "--config", "rollup.config.mjs"], { cwd, env });
  await run("npx", ["vite", "build", "--ssr"], { cwd, env });
  await run("npx", ["webpack"], { cwd, env });

  const away = join(temporary, "bundles");
  cpSync(join(cwd, "dist"), away, { recursive: true });
  const there = `provider store store\n${"there\n".repeat(ADAPTERS.length)}`;
  for (const bundle of bundlesOf("program")) {
    // webpack writes the address of our package into the bundle, and adapters are found next to that.
    await prints(join(away, bundle), { cwd: away, env }, bundle.startsWith("webpack") ? there : MISSING);
    await prints(join(away, bundle), { cwd, env }, there);
    for (const place of [away, cwd]) rmSync(join(place, "cache"), { recursive: true });
  }
  for (const bundle of ["esbuild-program.mjs", "esbuild-program.cjs"]) await readsConfig(bundle, { away, cwd, env });
  for (const bundle of bundlesOf("adapters")) {
    const place = bundle === "esbuild-adapters.mjs" ? join(cwd, "dist") : away; // It imports @redis/client.
    await prints(join(place, bundle), { cwd: place, env }, "provider\nprovider\nECONNREFUSED\n");
  }
}

/** The libraries that read a configuration file are found where the bundle is started; an error names one that is missing. */
async function readsConfig(bundle, { away, cwd, env }) {
  for (const place of [away, cwd]) writeFileSync(join(place, "remem.config.yaml"), "store: sqlite:configured/\n");
  const { status, stderr } = await outcomeOf("node", [join(away, bundle)], { cwd: away, env });
  assert.equal(status, 1);
  assert.match(stderr, /needs the package yaml: npm install yaml/);
  const there = `provider store store\n${"there\n".repeat(ADAPTERS.length)}`;
  await prints(join(away, bundle), { cwd, env }, there);
  for (const place of [away, cwd]) rmSync(join(place, "remem.config.yaml"));
  rmSync(join(cwd, "cache"), { recursive: true });
}

/** In a module esbuild has no `require` for CommonJS, such as the client of Redis, to load Node's modules with. */
async function esbuild({ cwd, env }) {
  for (const name of ["program", "adapters"]) {
    const build = [`${name}.js`, "--bundle", "--platform=node"];
    const esm = ["--format=esm", `--outfile=dist/esbuild-${name}.mjs`, "--external:@redis/client"];
    await run("npx", ["esbuild", ...build, ...esm], { cwd, env });
    await run("npx", ["esbuild", ...build, `--outfile=dist/esbuild-${name}.cjs`], { cwd, env });
  }
}

async function prints(bundle, { cwd, env }, stdout) {
  assert.deepEqual(await outcomeOf("node", [bundle], { cwd, env }), { status: 0, stdout, stderr: "" }, bundle);
}
