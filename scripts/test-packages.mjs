// Publishes the packages to a registry on this machine and installs them from there as a user does: in an empty directory, with
// an empty HOME. The steps are in `packages/`, and what users would write in `packages/programs/`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundlers } from "./packages/bundlers.mjs";
import { esmWithNpm, esmWithPnpm, globalInstalls, npx, typescriptWithNpm } from "./packages/first-call.mjs";
import { next } from "./packages/next.mjs";
import { projectsIn } from "./packages/project.mjs";
import { copyWithHistory, release, startRegistry } from "./packages/registry.mjs";
import { runtimes } from "./packages/runtimes.mjs";
import { jest } from "./packages/test-runners.mjs";
import { types } from "./packages/types.mjs";
import { step, temporaryDirectory } from "./steps.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const temporary = temporaryDirectory("remem-packages");
const repository = join(temporary, "repository");
const { engines, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const oldestNode = engines.node.replace(">=", "");
const nodes = [oldestNode, "24.21.0", "26.10.0"];
let registry;
let server;

try {
  await step("copy the repository", () => copyWithHistory(root, repository));
  registry = await step("start a registry", () => startRegistry(temporary));
  const project = projectsIn(temporary, registry.url);
  await step("release into it", () => release(repository, registry.url, project));
  server = await startServer();
  const place = { root, temporary, project, server, devDependencies, oldestNode, nodes };

  await step("TypeScript with npm: the README's first call", () => typescriptWithNpm(place));
  await step("TypeScript 5.6, 5.9 and 7 with openai 6 and 7", () => types(place));
  for (const version of nodes) await step(`ESM with npm on Node ${version}`, () => esmWithNpm(place, version));
  await step("ESM with pnpm", () => esmWithPnpm(place));
  await step("npx @remem/cli", () => npx(place, ["@remem/cli"]));
  await step("npx remem, with @remem/cli beside it", () =>
    npx(place, ["--package=remem", "--package=@remem/cli", "remem"]),
  );
  await both(
    step("Node, Bun and Deno, and those that are too old", () => runtimes(place)),
    step("bundles of esbuild, rollup, Vite and webpack", () => bundlers(place)),
  );
  await both(
    step("Next.js", () => next(place)),
    step("remem, then @remem/cli, installed globally", () => globalInstalls(place)),
  );
  // Alone: the contracts have time limits.
  await step("Jest, with each of its transforms", () => jest(place));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await server?.close();
  registry?.close();
}

/** Starts a server that answers as OpenAI does, from the released packages. */
async function startServer() {
  const testing = pathToFileURL(join(repository, "packages", "testing", "dist", "index.js"));
  const { completionsServer } = await import(testing.href);
  return completionsServer();
}

/** Waits for both before it throws, so that nothing runs on after the end. */
async function both(...steps) {
  for (const { reason } of await Promise.allSettled(steps)) if (reason !== undefined) throw reason;
}
