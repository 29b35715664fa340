import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = [
  "README.md",
  ...["core", "openai", "sqlite", "testing", "remem"].map((name) => `packages/${name}/README.md`),
];

interface Example {
  readonly name: string;
  readonly code: string;
}

const examples: Example[] = pages.flatMap((page) => {
  const blocks = readFileSync(join(root, page), "utf8").matchAll(/^```ts\n(.*?)^```$/gms);
  return Array.from(blocks, ([, code = ""], index) => ({ name: `${page} ${index + 1}`, code }));
});

// In this package, so that the names of packages are found; out of git's sight.
const sources = fileURLToPath(new URL("../dist/readme/", import.meta.url));
let server: CompletionsServer;

beforeAll(async () => {
  server = await completionsServer();
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources);
  for (const { name, code } of examples) writeFileSync(fileOf(name), code);
});
afterAll(() => server.close());

function fileOf(name: string): string {
  return join(sources, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.ts`);
}

function run(
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<{ status: number | null; out: string; err: string }> {
  const { REMEM_STORE: _, ...inherited } = process.env;
  const env = { ...inherited, OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "sk-test" };
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd, env }, (_, out, err) => resolve({ status: child.exitCode, out, err }));
  });
}

test("every page has its examples", () => {
  expect(new Set(examples.map(({ name }) => name.split(" ")[0]))).toEqual(new Set(pages));
});

test("the examples compile strictly against the built declarations, and these in themselves", async () => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    types: ["node"],
  };
  writeFileSync(join(sources, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const tsc = join(root, "node_modules", ".bin", "tsc");
  expect(await run(tsc, ["-p", "tsconfig.json"], sources)).toEqual({ status: 0, out: "", err: "" });
});

/** What the pages say that their examples print. */
const printed: Readonly<Record<string, string>> = {
  "README.md 1": "true true store",
  "README.md 4": "HELLO provider\nHELLO store",
  "packages/core/README.md 1": "1 You said: Hi",
};

describe("the examples run", () => {
  // `await using` is a syntax error on Node 22, as the page says.
  const runnable = examples.filter(({ code }) => process.versions.node >= "24" || !code.includes("await using"));
  test.each(runnable)("$name", async ({ name, code }) => {
    const directory = mkdtempSync(join(tmpdir(), `remem-${basename(dirname(name))}-`));
    const first = await run(process.execPath, [fileOf(name)], directory);
    expect(first).toMatchObject({ status: 0, err: "" });
    if (code.includes("console.log")) expect(first.out).not.toBe("");
    expect(first.out).toContain(printed[name] ?? "");

    const keepsAFile = /createRemem\(\)|createRemem\(\{ (model|store: "sqlite)/.test(code);
    if (keepsAFile) {
      const { calls } = server;
      expect(await run(process.execPath, [fileOf(name)], directory)).toMatchObject({ status: 0, err: "" });
      expect(server.calls).toBe(calls);
    }
    rmSync(directory, { recursive: true });
  });
});
