// Publishes the packages to a registry on this machine and installs them from there as a user does: in an empty directory, with
// an empty HOME, with npm and with pnpm, on every supported Node.
import assert from "node:assert/strict";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runServer } from "verdaccio";
import { copyRepository } from "./copy-repository.mjs";
import { nodePackage } from "./node-package.mjs";
import { publishedPackages } from "./published-packages.mjs";
import { run, step, temporaryDirectory } from "./steps.mjs";

const FIRST_CALL = `import { completionsServer } from "@remem/testing";
import { createRemem } from "remem";

const server = await completionsServer();
const client = createRemem({ model: "gpt-4o-mini", apiKey: "any", baseURL: server.baseURL });
const question = [{ role: "user", content: "What is the capital of France?" }];
const first = await client.infer(question, { temperature: 0 });
const second = await client.infer(question, { temperature: 0 });
console.log(server.calls, second.response === first.response, second.cacheHit, second.source);
await client.close();
await server.close();
`;

/** Adapters that the facade loads on demand. If one is missing, it tells how to install it. */
const ADAPTER_NAMES = ["@remem/azure", "@remem/qwen", "@remem/redis"];
const ADAPTERS = `import { CacheOpenAI, createRemem, storeFromUrl } from "remem";

const uses = [
  () => new CacheOpenAI({ cacheDir: "cache", useAzure: true }),
  () => createRemem({ model: "Qwen/Qwen3-8B", store: "memory:" }),
  () => storeFromUrl("redis://localhost"),
];
for (const use of uses) {
  try {
    use();
    console.log("there");
  } catch ({ code, message }) {
    console.log(code === "MISSING_PACKAGE" ? message.replace(/^.*: /, "") : message);
  }
}
`;

const root = fileURLToPath(new URL("..", import.meta.url));
const temporary = temporaryDirectory("remem-packages");
const repository = join(temporary, "repository");
const { engines, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const nodes = [engines.node.replace(">=", ""), "24.21.0", "26.10.0"];
let registry;
let registryUrl;

try {
  await step("copy the repository", copy);
  await step("start a registry", startRegistry);
  await step("release into it", release);
  await step("TypeScript with npm: the README's first call", typescriptWithNpm);
  for (const version of nodes) await step(`ESM with npm on Node ${version}`, () => esmWithNpm(version));
  await step("ESM with pnpm", esmWithPnpm);
  await step("npx @remem/cli", () => npx(["@remem/cli"]));
  await step("npx remem, with @remem/cli beside it", () => npx(["--package=remem", "--package=@remem/cli", "remem"]));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  registry?.close();
  registry?.closeAllConnections();
}

/** Creates a history of one commit, because changesets reads it. */
async function copy() {
  await copyRepository(root, repository);
  const git = (...args) => run("git", args, { cwd: repository });
  await git("init", "--initial-branch=main");
  await git("config", "user.name", "test");
  await git("config", "user.email", "test@localhost");
  await git("config", "commit.gpgSign", "false");
  await git("add", "--all");
  await git("commit", "--message=Everything");
}

/** Starts a registry that has only our packages, and fetches all others from the registry that npm is configured with. */
async function startRegistry() {
  const { stdout } = await run("npm", ["config", "get", "registry"], { cwd: temporary });
  registry = await runServer({
    self_path: temporary,
    storage: join(temporary, "registry"),
    uplinks: { upstream: { url: stdout.trim() } },
    packages: {
      "{remem,@remem/*}": { access: "$all", publish: "$all" },
      "**": { access: "$all", proxy: "upstream" },
    },
    log: { type: "file", path: join(temporary, "registry.log"), level: "warn", format: "json" },
    web: { enable: false },
  });
  await new Promise((resolve, reject) => registry.listen(0, "127.0.0.1", resolve).on("error", reject));
  registryUrl = `http://127.0.0.1:${registry.address().port}/`;
}

/** Releases as the workflow does, but with an empty HOME: the user's npm token is out of reach. */
async function release() {
  const install = ["install", "--frozen-lockfile", "--prefer-offline"];
  await run("pnpm", install, { cwd: repository });
  // Right after a release there are no changesets, and the command fails.
  if (globSync(".changeset/*.md", { cwd: repository }).length > 0) {
    await run("pnpm", ["exec", "changeset", "version"], { cwd: repository });
    await run("pnpm", install, { cwd: repository });
  }
  const { env } = emptyHome("release", `${registryUrl.replace("http:", "")}:_authToken=any\n`);
  await run("pnpm", ["run", "release"], { cwd: repository, env });

  for (const { manifest } of publishedPackages(repository)) {
    const { name, version } = manifest;
    const { versions = {} } = await (await fetch(new URL(name, registryUrl))).json();
    assert(version in versions, `${name}@${version} is not in the registry`);
    assert.doesNotMatch(JSON.stringify(versions[version]), /workspace:/, `${name} depends on a workspace`);
  }
}

async function typescriptWithNpm() {
  const { cwd, env } = emptyHome("typescript");
  const [, code] = readFileSync(join(root, "README.md"), "utf8").match(/^## First call\n+```ts\n(.*?)^```$/ms);
  writeFileSync(join(cwd, "index.ts"), code);
  writeJson(join(cwd, "package.json"), { type: "module", private: true });
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

  const testing = pathToFileURL(join(repository, "packages", "testing", "dist", "index.js"));
  const { completionsServer } = await import(testing.href);
  const server = await completionsServer();
  try {
    const called = { ...env, OPENAI_API_KEY: "any", OPENAI_BASE_URL: server.baseURL };
    const { stdout, stderr } = await run("node", ["index.js"], { cwd, env: called });
    assert.match(stdout, /^true true store\n/);
    assert.equal(stderr, "");
    assert.equal(server.calls, 1);
  } finally {
    await server.close();
  }
  helpful(await run("npx", ["remem", "--help"], { cwd, env }));
}

async function esmWithNpm(version) {
  const { cwd, env } = emptyHome(`node-${version}`);
  // With the user's caches: this is a tool of 50 MB, not under test.
  const which = ["--yes", "-p", nodePackage(version), "node", "-p", "process.execPath"];
  const node = (await run("npx", which, { cwd: temporary })).stdout.trim();
  env.PATH = dirname(node) + delimiter + env.PATH;
  assert.equal((await run("node", ["--version"], { cwd, env })).stdout, `v${version}\n`);

  writeJson(join(cwd, "package.json"), { private: true });
  writeFileSync(join(cwd, "first-call.mjs"), FIRST_CALL);
  silent(await run("npm", ["install", "remem", "@remem/testing"], { cwd, env }));
  const printed = await run("node", ["first-call.mjs"], { cwd, env });
  assert.deepEqual(printed, { stdout: "1 true true store\n", stderr: "" });

  writeFileSync(join(cwd, "adapters.mjs"), ADAPTERS);
  const missing = await run("node", ["adapters.mjs"], { cwd, env });
  assert.deepEqual(missing, { stdout: ADAPTER_NAMES.map((name) => `npm install ${name}\n`).join(""), stderr: "" });
  silent(await run("npm", ["install", ...ADAPTER_NAMES, "@remem/keyv", "keyv"], { cwd, env }));
  const installed = await run("node", ["adapters.mjs"], { cwd, env });
  assert.deepEqual(installed, { stdout: ADAPTER_NAMES.map(() => "there\n").join(""), stderr: "" });
}

async function esmWithPnpm() {
  const { cwd, env } = emptyHome("pnpm");
  writeJson(join(cwd, "package.json"), { private: true });
  // By default pnpm installs no version that is less than a day old.
  writeFileSync(join(cwd, "pnpm-workspace.yaml"), 'minimumReleaseAgeExclude: ["remem", "@remem/*"]\n');
  writeFileSync(join(cwd, "first-call.mjs"), FIRST_CALL);
  silent(await run("pnpm", ["add", "remem", "@remem/cli", "@remem/testing"], { cwd, env }));
  const printed = await run("node", ["first-call.mjs"], { cwd, env });
  assert.deepEqual(printed, { stdout: "1 true true store\n", stderr: "" });
  helpful(await run("pnpm", ["exec", "remem", "--help"], { cwd, env }));
}

async function npx(args) {
  const { cwd, env } = emptyHome(`npx-${args.length}`);
  helpful(await run("npx", ["--yes", ...args, "--help"], { cwd, env }));
}

/** Creates an empty working directory, and an environment that configures nothing but the registry. */
function emptyHome(name, npmrc = "") {
  const home = join(temporary, name, "home");
  const cwd = join(temporary, name, "project");
  for (const directory of [home, cwd]) mkdirSync(directory, { recursive: true });
  writeFileSync(join(home, ".npmrc"), `registry=${registryUrl}\n${npmrc}`);

  const ours = /^(npm|pnpm|openai|remem|xdg|turbo|node_(options|path|env)|init_cwd|ci$)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !ours.test(variable)));
  env.PATH = env.PATH.split(delimiter)
    .filter((directory) => !directory.startsWith(root))
    .join(delimiter);
  // This registry has no audits, and the notice of a newer npm is not under test.
  return {
    cwd,
    env: { ...env, HOME: home, USERPROFILE: home, npm_config_audit: "false", npm_config_update_notifier: "false" },
  };
}

/** Installs, and fails on any warning: about engines, peers, deprecations or install scripts. */
function silent({ stdout, stderr }) {
  assert.equal(stderr, "");
  assert.doesNotMatch(stdout, /warn|engine|peer|deprecat|script/i, stdout);
}

function helpful({ stdout, stderr }) {
  assert.match(stdout, /^Usage: remem/);
  assert.equal(stderr, "");
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
