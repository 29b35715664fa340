import assert from "node:assert/strict";
import { join } from "node:path";
import { outcomeOf, run } from "../steps.mjs";
import { writeJson } from "./project.mjs";

const TOOLS = [
  "jest@30.5.2",
  "@swc/core@1.16.22",
  "@swc/jest@0.2.39",
  "ts-jest@29.4.15",
  "typescript@5.9.3",
  "@babel/core@7.29.0",
  "@babel/preset-env@7.29.0",
];
/** How tests are transformed. "none" runs them as they are, and the others make CommonJS of them. */
const TRANSFORMS = {
  none: undefined,
  babel: ["babel-jest", { presets: [["@babel/preset-env", { targets: { node: "current" } }]] }],
  swc: "@swc/jest",
  "ts-jest": ["ts-jest", { tsconfig: { allowJs: true, module: "commonjs", target: "es2022" }, diagnostics: false }],
};
const JEST = ["--disable-warning=ExperimentalWarning", "--experimental-vm-modules", "node_modules/jest/bin/jest.js"];

/** Shows a client and the contracts under Jest, whose tests are in another realm than Node's modules. */
export async function jest({ project }) {
  const { cwd, env } = project("jest", { topic: "jest", type: "module" });
  await run("npm", ["install", "--ignore-scripts", "--legacy-peer-deps", "remem", "@remem/testing", ...TOOLS], {
    cwd,
    env,
  });
  for (const [name, transform] of Object.entries(TRANSFORMS)) {
    writeJson(join(cwd, "package.json"), { private: true, ...(transform === undefined && { type: "module" }) });
    const config = JSON.stringify({ transform: transform === undefined ? {} : { "\\.js$": transform } });
    await run("node", [...JEST, "--config", config, "client.test.js"], { cwd, env });
    if (name !== "none") continue;
    const { status, stderr } = await outcomeOf("node", [...JEST, "--config", config, "hangs.test.js"], { cwd, env });
    assert.equal(status, 1);
    assert.match(stderr, /"an unknown key is undefined" took longer than 4500 ms/);
  }
}
