import { execFile } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Validator } from "@cfworker/json-schema";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { afterEach, describe, expect, test, vi } from "vitest";
import { findConfig, openConfig, type RememConfig } from "../../src/config.ts";
import { RememError } from "../../src/index.ts";
import { configSchemaText } from "./config-schema.ts";

const HASH = `sha256:${"0".repeat(64)}`;
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Writes a file and returns its path. */
function written(name: string, text: string | Uint8Array): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, text);
  return path;
}

function errorOf(run: () => unknown): { readonly code?: string; readonly message: string } {
  try {
    run();
  } catch (error) {
    return error as RememError;
  }
  throw new Error("It has not thrown.");
}

/** The error of a file, without its path. */
function problemOf(name: string, text: string | Uint8Array): string {
  const path = written(name, text);
  const error = errorOf(() => openConfig("createRemem", path));
  expect(RememError.is(error) && error.code).toBe("INVALID_OPTION");
  expect(error.message).toContain(path);
  return error.message.replace(path, "FILE").replace("The configuration file ", "");
}

const ALL = {
  $schema: "./node_modules/remem/remem.config.schema.json",
  store: "sqlite:./cache",
  model: "gpt-4o",
  provider: "openai",
  baseURL: "http://localhost:8000/v1",
  params: { temperature: 0, stop: ["\n"], metadata: { deep: "x" } },
  cache: "only-if-cached",
  ttlMs: 1,
  timeoutMs: 2,
  maxRetries: 0,
  limits: { rpm: 60, tpm: 1000, maxWaitMs: 0 },
  prices: { "my.model": { input: 0, output: 0.6 } },
} satisfies RememConfig;

const YAML = `# Settings of the project
$schema: ./node_modules/remem/remem.config.schema.json
store: sqlite:./cache
model: gpt-4o
provider: openai
baseURL: http://localhost:8000/v1
params: { temperature: 0, stop: ["\\n"], metadata: { deep: x } }
cache: only-if-cached
ttlMs: 1
timeoutMs: 2
maxRetries: 0
limits:
  rpm: 60
  tpm: 1000
  maxWaitMs: 0
prices:
  my.model: { input: 0, output: 0.6 }
`;

describe("a file holds the same in JSON and in YAML, and the lines of its members are known", () => {
  test.each([
    ["remem.config.json", JSON.stringify(ALL, null, 2), { store: 3, "limits.rpm": 21, 'prices."my.model".output': 28 }],
    ["remem.config.yaml", YAML, { store: 3, "limits.rpm": 13, 'prices."my.model".output': 17 }],
    ["remem.config.yml", YAML.replaceAll("\n", "\r\n"), { store: 3, "limits.rpm": 13 }],
    ["other.json", `\ufeff${JSON.stringify(ALL)}`, { store: 1, "limits.rpm": 1 }],
  ])("%s", (name, text, lines) => {
    const path = written(name, text);
    const file = openConfig("createRemem", path);
    expect(file).toMatchObject({ path, config: ALL });
    expect(Object.fromEntries(file!.lines)).toMatchObject(lines);
  });
});

test.each(["", "# nothing yet\n", "---\n", "~"])("a YAML file without members, such as %j, sets nothing", (text) => {
  expect(openConfig("createRemem", written("remem.config.yaml", text))?.config).toEqual({});
});

test.each<[string, string | Uint8Array, string]>([
  ["x.json", '{ "stroe": "memory:" }', "FILE:1: `stroe` is not known; did you mean `store`?"],
  ["x.json", '{\n "baseUrl": "x" }', "FILE:2: `baseUrl` is not known; did you mean `baseURL`?"],
  ["x.json", '{ "cache_dir": "x" }', "FILE:1: `cache_dir` is not known; did you mean `cacheDir`?"],
  ["x.json", '{ "timeout": 5 }', "FILE:1: `timeout` is not known; did you mean `timeoutMs`?"],
  ["x.json", '{ "rpm": 5 }', "FILE:1: `rpm` is not known; did you mean `limits.rpm`?"],
  ["x.json", '{ "limits": { "tmp": 5 } }', "FILE:1: `limits.tmp` is not known; did you mean `limits.tpm`?"],
  ["x.json", '{ "temperature": 0 }', "Parameters of requests belong in `params`."],
  ["x.json", '{ "params": { "model": "a" } }', "FILE:1: `params.model` is not allowed. Use `model`"],
  ["x.json", '{ "store": "memory:", "cacheDir": "." }', "FILE:1: `cacheDir` cannot be combined with `store`."],
  [
    "x.yaml",
    "limits:\n  rpm: '60'\n",
    "FILE:2: `limits.rpm` must be a whole number from 1 to 2147483647; it is text: remove the quotes.",
  ],
  ["x.yaml", "limits:\n  rpm: 0\n", "FILE:2: `limits.rpm` must be a whole number from 1"],
  ["x.yaml", "limits:\n", "FILE:1: `limits` must be an object; it is null."],
  ["x.yaml", "limits: [60]\n", "FILE:1: `limits` must be an object; it is a list."],
  ["x.yaml", "cache: only-if-cache\n", '; did you mean "only-if-cached"?'],
  ["x.yaml", "provider: 1\n", 'FILE:1: `provider` must be one of "openai", "azure", "qwen"; it is a number.'],
  ["x.yaml", "store: sqllite:./x\n", "FILE:1: `store` must be the URL of a store"],
  ["x.yaml", "baseURL: localhost:8000\n", "FILE:1: `baseURL` must be an address that begins with http"],
  ["x.yaml", "prices:\n  m:\n    input: 1\n", "FILE:2: `prices.m.output` is missing."],
  ["x.yaml", "prices:\n  m: { input: 1, output: .inf }\n", "FILE:2: `prices.m.output` must be a number of dollars"],
  ["x.yaml", "params:\n  a: .nan\n", "FILE:2: `params.a` must be a JSON value."],
  ["x.yaml", "params:\n  a: !!binary aGk=\n", "FILE:2: `params.a` must be a JSON value."],
  ["x.json", "", "FILE:1: The file is empty. Use {} for no settings."],
  ["x.json", "[]", "FILE: The file must hold an object with members such as `store`; it holds a list."],
  ["x.yaml", "- memory:\n", "FILE: The file must hold an object with members such as `store`; it holds a list."],
  ["x.yaml", "memory\n", "it holds text."],
  ["x.json", '{\n "model": "a",\n "model": "b" }', "FILE:3: `model` is defined twice."],
  ["x.yaml", "model: a\nmodel: b\n", "FILE:2: `model` is defined twice."],
  ["x.json", '{ "model": "a",\n // no\n}', "FILE:2: JSON does not allow comments."],
  ["x.json", '{ "model": "a",\n}', "FILE:2: JSON does not allow a comma before }."],
  ["x.json", "{ 'model': 1 }", "FILE:1: JSON does not allow single quotes."],
  ["x.json", '{ "model": "a" "store": "memory:" }', "FILE:1: A comma is missing"],
  ["x.json", '{ "model": "a"', "FILE:1: Unexpected end of the file: expected a comma or }."],
  ["x.json", '{ "model": 01 }', "FILE:1: Invalid JSON: expected a value."],
  ["x.json", '{ "model": "a', "FILE:1: Unterminated string"],
  ["x.json", `{ "params": ${"[".repeat(5_000)}`, "FILE:1: This is nested too deeply."],
  ["x.yaml", "[".repeat(5_000), "This is nested too deeply."],
  ["x.yaml", "limits:\n\trpm: 1\n", "FILE:2: Tabs are not allowed as indentation."],
  ["x.yaml", "model: a\n---\nmodel: b\n", "FILE:2: Only one YAML document is allowed"],
  ["x.yaml", "model: !env MODEL\n", "FILE:1: Unresolved tag: !env."],
  ["x.yaml", "model: *model\n", "Unresolved alias"],
  ["x.yaml", bomb(), "Excessive alias count"],
  ["x.json", new Uint8Array([0x7b, 0xff, 0x7d]), "FILE is not valid UTF-8."],
  ["x.json", `{${" ".repeat(10_000_000)}}`, "FILE has 10000002 bytes, and at most 1048576 are read."],
  ["x.toml", "", "FILE must end with .json, .yaml or .yml."],
])("the error of file %# (%s) tells where the problem is, and what to do", (name, text, problem) => {
  expect(problemOf(name, text)).toContain(problem);
});

function bomb(): string {
  const names = [..."abcdef"];
  const lists = names.map((name, index) => {
    const item = index === 0 ? "x" : `*${names[index - 1]}`;
    return `${name}: &${name} [${Array(9).fill(item).join(", ")}]\n`;
  });
  return `params:\n  ${lists.join("  ")}`;
}

test("one error names all problems of a file, each with its line", () => {
  const text = 'model: ""\nlimits:\n  rpm: many\n  tmp: 1\nstroe: "memory:"\n';
  expect(problemOf("x.yaml", text)).toBe(
    [
      "FILE has 4 problems:",
      "  line 1: `model` must be the name of a model.",
      "  line 3: `limits.rpm` must be a whole number from 1 to 2147483647; it is text.",
      "  line 4: `limits.tmp` is not known; did you mean `limits.tpm`?",
      "  line 5: `stroe` is not known; did you mean `store`?",
    ].join("\n"),
  );
});

test.each([
  ["x.json", '{ "apiKey": "hunter2-hunter2" }', "OPENAI_API_KEY"],
  ["x.yaml", "params: { api_key: hunter2-hunter2 }\n", "OPENAI_API_KEY"],
  ["x.yaml", "token: hunter2-hunter2\n", "OPENAI_API_KEY"],
  ["x.json", '{ "store": "redis://:hunter2-hunter2@host" "x": 1 }', "comma"],
  ["x.yaml", 'store: "redis://:hunter2-hunter2@host" x\n', "scalar"],
  ["x.yaml", "store: { url: redis://:hunter2-hunter2@host }\n", "text"],
  ["x.yaml", "gateway: { upstreams: { a: { baseURL: 'http://h', apiKey: sk_hunter2 } } }\n", "name of a variable"],
  ["x.yaml", "gateway: { upstreams: { a: { baseURL: 'http://h', token: hunter2 } } }\n", "secret"],
  ["x.yaml", "gateway: { apiKey: hunter2 }\n", "secret"],
])("no error shows the secret in %s %j", (name, text, advice) => {
  const problem = problemOf(name, text);
  expect(problem).toContain(advice);
  expect(problem).not.toContain("hunter2");
});

test("the error of a file that cannot be read names the option or variable that names the file", () => {
  const directory = temporaryDirectory();
  const missing = join(directory, "missing.json");
  expect(() => openConfig("createRemem", missing)).toThrow(`${missing} does not exist. \`config\` names it.`);
  vi.stubEnv("REMEM_CONFIG", missing);
  expect(() => openConfig("createRemem", undefined)).toThrow("does not exist. REMEM_CONFIG names it.");
  expect(openConfig("createRemem", false)).toBeUndefined();
  mkdirSync(join(directory, "remem.config.json"));
  expect(() => openConfig("createRemem", join(directory, "remem.config.json"))).toThrow("is a directory.");
  expect(() => openConfig("createRemem", "")).toThrow(/^createRemem: `config` must be the path/);
  expect(() => openConfig("createRemem", true as never)).toThrow(/^createRemem: `config` must be the path/);
});

test.skipIf(process.geteuid?.() === 0 || process.platform === "win32")("a file without permission is an error", () => {
  const path = written("remem.config.json", "{}");
  chmodSync(path, 0);
  expect(() => openConfig("createRemem", path)).toThrow(/cannot be read: EACCES/);
});

test("an empty REMEM_CONFIG counts as unset", () => {
  vi.stubEnv("REMEM_CONFIG", "");
  expect(openConfig("createRemem", undefined)).toBeUndefined();
});

describe("the file is found", () => {
  test("in the directory, else above it as far as the root of the repository", () => {
    const outside = temporaryDirectory();
    const root = join(outside, "repository");
    const inner = join(root, "packages", "one");
    mkdirSync(inner, { recursive: true });
    mkdirSync(join(root, ".git"));
    writeFileSync(join(outside, "remem.config.json"), "{}");
    expect(findConfig(inner)).toEqual({ path: undefined, directories: [inner, join(root, "packages"), root] });
    writeFileSync(join(root, "remem.config.yml"), "");
    expect(findConfig(inner).path).toBe(join(root, "remem.config.yml"));
    writeFileSync(join(inner, "remem.config.yaml"), "");
    expect(findConfig(inner).path).toBe(join(inner, "remem.config.yaml"));
  });

  test("outside of a repository in the directory alone", () => {
    const outside = temporaryDirectory();
    const inner = join(outside, "inner");
    mkdirSync(inner);
    writeFileSync(join(outside, "remem.config.json"), "{}");
    expect(findConfig(inner)).toEqual({ path: undefined, directories: [inner] });
    expect(findConfig(outside).path).toBe(join(outside, "remem.config.json"));
  });

  test("two in one directory are an error that names both", () => {
    const directory = temporaryDirectory();
    for (const name of ["remem.config.json", "remem.config.yml"]) writeFileSync(join(directory, name), "");
    const { message } = errorOf(() => findConfig(directory));
    expect(message).toContain(join(directory, "remem.config.json"));
    expect(message).toContain(join(directory, "remem.config.yml"));
  });

  test.skipIf(process.platform === "win32")("a link that leads nowhere is found, and is not passed over", () => {
    const directory = temporaryDirectory();
    symlinkSync(join(directory, "gone"), join(directory, "remem.config.json"));
    expect(findConfig(directory).path).toBe(join(directory, "remem.config.json"));
  });
});

test.skipIf(process.geteuid?.() !== 0)(
  "a file that is found must belong to the user, or to the owner of its directory",
  () => {
    const directory = temporaryDirectory();
    const path = join(directory, "remem.config.json");
    writeFileSync(path, "{}");
    vi.spyOn(process, "cwd").mockReturnValue(directory);
    expect(openConfig("createRemem", undefined)?.path).toBe(path);
    chownSync(path, 12_345, 12_345);
    expect(() => openConfig("createRemem", undefined)).toThrow("belongs neither to you");
    expect(openConfig("createRemem", path)?.path).toBe(path);
    chownSync(directory, 12_345, 12_345);
    expect(openConfig("createRemem", undefined)?.path).toBe(path);
  },
);

test("remem.config.schema.json is that of the schema", () => {
  const committed = readFileSync(new URL("../../remem.config.schema.json", import.meta.url), "utf8");
  expect(committed, "run pnpm config-schema").toBe(configSchemaText());
});

test.each<[boolean, object]>([
  [true, ALL],
  [true, { store: `\${REDIS_URL}`, baseURL: `\${SERVER}/v1` }],
  [false, { stroe: "memory:" }],
  [false, { limits: { rpm: "60" } }],
  [false, { prices: { m: { input: 1 } } }],
  [false, { store: "sqllite:x" }],
  [false, { apiKey: "sk" }],
  [true, { gateway: {} }],
  [true, { gateway: { upstreams: { a: { baseURL: "http://h", apiKey: "A_KEY" }, b: { baseURL: `\${B}` } } } }],
  [true, { gateway: { upstreams: { a: { baseURL: "http://h", apiKey: `\${a_key}` } } } }],
  [false, { gateway: { upstreams: { a: { baseURL: "http://h", apiKey: "sk-1" } } } }],
  [false, { gateway: { upstreams: { a: { apiKey: "A_KEY" } } } }],
  [false, { gateway: { upstreams: { a: "http://h" } } }],
  [false, { gateway: { upstreams: [] } }],
  [true, { gateway: { tenants: { alice: { tokens: [HASH], scope: false, unpriced: "allow", rights: ["metrics"] } } } }],
  [
    true,
    { gateway: { tenants: { alice: { tokens: [HASH], scope: "team", limits: { rpm: 1, dollarsPerDay: 0.5 } } } } },
  ],
  [true, { gateway: { redis: "rediss://host" } }],
  [true, { gateway: { redis: `\${REDIS_URL}` } }],
  [false, { gateway: { redis: "host" } }],
  [false, { gateway: { tenants: { alice: { tokens: [] } } } }],
  [false, { gateway: { tenants: { alice: { tokens: ["remem-in-clear"] } } } }],
  [false, { gateway: { tenants: { alice: { tokens: [HASH], limits: { dollarsPerDay: 0 } } } } }],
  [false, { gateway: { tenants: { alice: { tokens: [HASH], limits: { rps: 1 } } } } }],
  [false, { gateway: { tenants: { alice: { tokens: [HASH], scope: true } } } }],
  [false, { gateway: { servers: {} } }],
])("the JSON Schema and remem agree that valid is %s for %j", (isValid, config) => {
  const schema = JSON.parse(configSchemaText());
  expect(new Validator(schema, "7", false).validate(config).valid).toBe(isValid);
  const path = written("remem.config.json", JSON.stringify(config));
  if (isValid) expect(openConfig("createRemem", path)?.config).toEqual(config);
  else expect(() => openConfig("createRemem", path)).toThrow(path);
});

test.each([
  [undefined, ""],
  ["remem.config.json", "valibot"],
  ["remem.config.yaml", "valibot,yaml"],
])("with the file %s the libraries [%s] are loaded", async (name, libraries) => {
  const directory = temporaryDirectory();
  if (name !== undefined) writeFileSync(join(directory, name), "{}");
  const program = fileURLToPath(new URL("../processes/libraries.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: directory });
  expect(stdout).toBe(`${libraries}\n`);
});
