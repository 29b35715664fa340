import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer, type MessagesServer, messagesServer } from "@remem/testing";
import { createRemem } from "remem";
import { openConfig } from "remem/config";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { blocksOf, docsPages, root } from "./pages/markdown.ts";
import { WALKED } from "./pages/walked.ts";
import { type Ended, run } from "./run.ts";

/** Pages whose programs other tests run: the recipes are made of them, and the guide to plugins shows files of the plugins. */
const elsewhere = /^docs\/(recipes\/.*|publish-a-plugin\.md)$/;
const pages = [
  "README.md",
  ...docsPages().filter((page) => !elsewhere.test(page) && blocksOf(page).some(({ language }) => language === "ts")),
  ...["core", "openai", "azure", "qwen", "sqlite", "redis", "keyv", "fetch", "inspect", "testing", "remem"].map(
    (name) => `packages/${name}/README.md`,
  ),
  "apps/gateway/README.md",
  "apps/view/README.md",
  "apps/remem-provider-openrouter/README.md",
  "apps/remem-store-files/README.md",
];

interface Example {
  readonly page: string;
  readonly name: string;
  readonly code: string;
}

const examples: Example[] = pages.flatMap((page) =>
  blocksOf(page)
    .filter(({ language }) => language === "ts")
    .map(({ code }, index) => ({ page, name: `${page} ${index + 1}`, code })),
);

// In this package, so that package names resolve, and ignored by git.
const sources = fileURLToPath(new URL(`../dist/readme/${process.pid}/`, import.meta.url));
let server: CompletionsServer;
let anthropic: MessagesServer;
let redis: RedisServer | undefined;

beforeAll(async () => {
  server = await completionsServer();
  anthropic = await messagesServer();
  if (canStartRedis) redis = await startRedis();
  mkdirSync(sources, { recursive: true });
  for (const { name, code } of examples) writeFileSync(fileOf(name), code);
});
afterAll(async () => {
  await server.close();
  await anthropic.close();
  await redis?.stop();
  rmSync(sources, { recursive: true });
});

function fileOf(name: string): string {
  return join(sources, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.ts`);
}

function play(name: string, cwd: string): Promise<Ended> {
  return run(process.execPath, [fileOf(name)], {
    cwd,
    env: {
      OPENAI_BASE_URL: server.baseURL,
      OPENAI_API_KEY: "sk-test",
      ANTHROPIC_BASE_URL: anthropic.baseURL,
      ANTHROPIC_API_KEY: "sk-ant-test",
      AZURE_OPENAI_ENDPOINT: new URL(server.baseURL).origin,
      OPENAI_API_VERSION: "2024-10-21",
      AZURE_OPENAI_API_KEY: "azure-test",
      OPENROUTER_BASE_URL: server.baseURL,
      OPENROUTER_API_KEY: "sk-or-test",
      ...(redis && { REDIS_URL: redis.url }),
    },
  });
}

test("every page has examples", () => {
  expect(new Set(examples.map(({ name }) => name.split(" ")[0]))).toEqual(new Set(pages));
});

test("the examples compile strictly against the built declarations, which are checked too", async () => {
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
  expect(await run(tsc, ["-p", "tsconfig.json"], { cwd: sources })).toEqual({ status: 0, out: "", err: "" });
});

/** The output that the pages promise. */
const printed: Readonly<Record<string, string>> = {
  "README.md 1": "true true store",
  "docs/concepts/key.md 1": "true\nfalse\nfalse",
  "docs/concepts/scope.md 1": "true",
  "docs/guides/stores.md 2": "HELLO provider\nHELLO store",
  "packages/core/README.md 1": "1 You said: Hi",
  "packages/core/README.md 2": "NAME A RIVER. store\nNAME A LAKE.\nPROVIDER_ERROR",
  "packages/core/README.md 3": "5 provider\n5 store",
  "packages/core/README.md 4": "provider 8\nstore 8",
  "packages/fetch/README.md 4": "remem; fwd=miss {",
};

describe("the configuration files are valid", () => {
  const files = pages.flatMap((page) => {
    const blocks = readFileSync(join(root, page), "utf8").matchAll(/^```(json|yaml)\n(.*?)^```$/gms);
    const own = Array.from(blocks).filter(([block]) => block.includes("remem.config.schema.json"));
    return own.map(([, extension = "", text = ""], index) => ({ name: `${page} ${index + 1}`, extension, text }));
  });
  test("there are some", () => {
    expect(new Set(files.map(({ extension }) => extension))).toEqual(new Set(["json", "yaml"]));
  });
  test.each(files)("$name ($extension)", async ({ extension, text }) => {
    vi.stubEnv("REDIS_URL", "memory:");
    vi.stubEnv("REMEM_STORE", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    const path = join(temporaryDirectory(), `remem.config.${extension}`);
    writeFileSync(path, text);
    const client = createRemem({ config: path });
    await client.close();
    expect(openConfig("test", path)?.config).toMatchObject({ model: expect.any(String) });
  });
});

describe("the examples run", () => {
  for (const { page, name, code } of examples) {
    if (page in WALKED) continue; // It runs after what the page does before.
    // `await using` is a syntax error on Node 22, as the page says.
    const canRun = process.versions.node >= "24" || !code.includes("await using");
    test.skipIf(!canRun || (code.includes("REDIS_URL") && !canStartRedis))(name, async () => {
      const directory = temporaryDirectory();
      const first = await play(name, directory);
      expect(first).toMatchObject({ status: 0, err: "" });
      if (code.includes("console.log")) expect(first.out).not.toBe("");
      expect(first.out).toContain(printed[name] ?? "");

      const [, promised] = /second run (?:of this program )?prints (\w+)/.exec(code) ?? [];
      const keepsAFile = /createRemem\(\)|createRemem\(\{ (model|store: "sqlite)/.test(code);
      if (promised !== undefined || keepsAFile) {
        const { calls } = server;
        const second = await play(name, directory);
        expect(second).toMatchObject({ status: 0, err: "" });
        expect(second.out).toContain(promised ?? "");
        expect(server.calls).toBe(calls);
      }
    });
  }
});
