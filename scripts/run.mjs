// Runs a script of the root package.json with the Node and pnpm that the workspace requires, and downloads them if this machine
// has others. It has no dependencies and works on Node 18: `npm test` must work before anything is installed.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nodePackage } from "./node-package.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { engines, packageManager } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const NODE = "24.21.0";
const windows = process.platform === "win32";

const [name, ...rest] = process.argv.slice(2);
if (name === undefined) {
  console.error("usage: node scripts/run.mjs <script of package.json> [arguments]");
  process.exit(2);
}

const lent = [];
if (!atLeast(process.versions.node, engines.node.replace(">=", ""))) lent.push(nodePackage(NODE));
if (pnpmVersion() !== packageManager.replace("pnpm@", "")) lent.push(packageManager);
if (lent.length > 0) console.log(`using ${lent.join(" and ")} for this run`);

pnpm(["install", "--frozen-lockfile"]);
pnpm(["run", name, ...rest]);

function pnpm(args) {
  const [command, ...before] =
    lent.length === 0 ? ["pnpm"] : ["npx", "--yes", ...lent.flatMap((spec) => ["-p", spec]), "pnpm"];
  const { status, signal, error } = spawnSync(command, [...before, ...args], {
    cwd: root,
    stdio: "inherit",
    shell: windows, // npx and pnpm are .cmd files there
    env: { TURBO_TELEMETRY_DISABLED: "1", ...process.env },
  });
  if (error) throw error;
  if (status !== 0) process.exit(signal ? 130 : (status ?? 1));
}

function pnpmVersion() {
  try {
    const options = { encoding: "utf8", cwd: root, shell: windows };
    return execFileSync("pnpm", ["--version"], { ...options, stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

function atLeast(version, wanted) {
  const [a, b] = [version, wanted].map((text) => text.split(".").map(Number));
  for (const i of [0, 1, 2]) if (a[i] !== b[i]) return a[i] > b[i];
  return true;
}
