import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "../steps.mjs";
import { writeJson } from "./project.mjs";

const SDKS = ["7.59.0", "6.49.0"];
const COMPILERS = { "typescript-7": "7.0.2", "typescript-5.9": "5.9.3", "typescript-5.6": "5.6.3" };
const RESOLUTIONS = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "node16", moduleResolution: "node16" },
  { module: "esnext", moduleResolution: "bundler" },
];
const PACKAGES = [
  "remem",
  "@remem/azure",
  "@remem/gateway",
  "@remem/inspect",
  "@remem/keyv",
  "@remem/qwen",
  "@remem/redis",
  "@remem/testing",
  "@remem/view",
  "keyv",
];
const LIBRARIES = [
  "zod@4.6.7",
  "valibot@1.5.0",
  "@valibot/to-json-schema@1.8.0",
  "arktype@2.2.10",
  "@types/node@24.19.2",
];

/**
 * Compiles users' programs with each supported compiler, resolution of modules and version of the SDK, runs one, and shows that
 * an editor has a comment for each public member.
 */
export async function types({ project, server }) {
  for (const sdk of SDKS) {
    const place = project(`types-${sdk}`, { topic: "types", type: "module" });
    const compilers = Object.entries(COMPILERS).map(([name, version]) => `${name}@npm:typescript@${version}`);
    await run("npm", ["install", `openai@${sdk}`, ...PACKAGES, ...LIBRARIES, ...compilers], place);
    const configurations = Object.keys(COMPILERS).flatMap((compiler) =>
      RESOLUTIONS.flatMap((resolution) => [true, false].map((exact) => ({ compiler, resolution, exact }))),
    );
    for (const configuration of configurations) await compiles(place, configuration);
    if (sdk !== SDKS[0]) continue;
    const env = { ...place.env, OPENAI_API_KEY: "any", OPENAI_BASE_URL: server.baseURL };
    const printed = await run("node", ["run/objects.mjs"], { cwd: place.cwd, env });
    assert.deepEqual(printed, {
      stdout: "zod 1 true\nvalibot 1 true\narktype 1 true\nJSON Schema 1 true\n",
      stderr: "",
    });
    assert.equal((await run("node", ["run/undocumented.mjs"], place)).stdout, "");
  }
}

async function compiles({ cwd, env }, { compiler, resolution, exact }) {
  writeJson(join(cwd, "tsconfig.json"), {
    compilerOptions: {
      ...resolution,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: exact,
      // Of all packages once for each compiler, because it takes longer than the programs.
      skipLibCheck: !(exact && resolution === RESOLUTIONS[0]),
      target: "es2023",
      lib: ["es2023"],
      types: ["node"],
      noEmit: true,
    },
    include: ["*.ts"],
  });
  const tsc = join("node_modules", compiler, "bin", "tsc");
  await run("node", [tsc, "-p", "."], { cwd, env });
}
