import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { question, type Workspace, workspace } from "./support/remem.ts";

let space: Workspace;
/** Without the address of the server, which the file gives. */
const withoutServer = { OPENAI_BASE_URL: "" };

beforeEach(async () => {
  space = await workspace();
});

function configure(config: object, directory: string = space.directory): string {
  const path = join(directory, "remem.config.json");
  writeFileSync(path, JSON.stringify(config, null, 1));
  return path;
}

interface Shown {
  readonly file?: string;
  readonly searched?: readonly string[];
  readonly settings: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

async function shown(args: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<Shown> {
  const { status, out, err } = await space.remem(["config", "--json", ...args], "", extra);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return JSON.parse(out);
}

async function setting(name: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}) {
  const { settings } = await shown(args, extra);
  return settings.find((setting) => setting.name === name);
}

describe("every command takes its defaults from the file", () => {
  test("ask, ls, show, stats, plan and explain share its store, its model and its parameters", async () => {
    const { directory, server } = space;
    const params = { temperature: 0, seed: 7 };
    configure({ store: "sqlite:./answers.sqlite", model: "m", baseURL: server.baseURL, params });
    const path = join(directory, "answers.sqlite");
    space.write("request.json", [question("Hi")]);
    space.write("requests.jsonl", [question("Hi"), question("Ho")]);
    const run = (...args: string[]) => space.remem(args, "", withoutServer);

    expect(await run("ask", "Hi")).toMatchObject({ status: 0, err: "" });
    expect(server.requests.map(({ body }) => body)).toMatchObject([{ model: "m", ...params }]);
    const listed = JSON.parse((await run("ls", "--json")).out);
    expect(listed).toMatchObject({ model: "m" });
    expect((await run("show", listed.key)).out).toContain("seed = 7");
    expect(JSON.parse((await run("stats", "--json")).out)).toMatchObject({ entries: 1 });
    expect(JSON.parse((await run("plan", "requests.jsonl", "--json")).out)).toMatchObject({ hits: 1, calls: 1 });
    expect((await run("explain", "request.json")).out).toMatch(/^stored: /);
    expect((await run("verify")).status).toBe(0);
    expect((await run("export", "python.sqlite")).err).toContain("1 exported");
    expect((await run("import", "python.sqlite")).err).toContain("1 already present");
    expect((await run("clear")).out).toContain(`of ${path}`);
    expect(server.calls).toBe(1);
  });

  test("its model chooses the file in a directory, and is no filter", async () => {
    const { server } = space;
    configure({ cacheDir: "cache", model: "m", baseURL: server.baseURL });
    space.write("requests.jsonl", [question("Hi", { model: "m" }), question("Hi", { model: "other" })]);
    expect((await space.remem(["batch", "requests.jsonl"], "", withoutServer)).status).toBe(0);
    const { out } = await space.remem(["ls", "--json"]);
    const models = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).model);
    expect(models.sort()).toEqual(["m", "other"]);
  });

  test("a file of Python is imported into the file of the model that it is named by", async () => {
    const { directory } = space;
    configure({ cacheDir: "cache", model: "m" });
    await space.remem(["ask", "Hi", "--model", "n"]);
    await space.remem(["export", "n_cache.sqlite"]);
    await space.remem(["import", "n_cache.sqlite"]);
    expect((await space.remem(["ls", "--store", `sqlite:${directory}/cache/m_cache.sqlite`])).status).toBe(1);
  });

  test("its cache mode, limits and timeout reach the client, and flags take precedence", async () => {
    configure({ cache: "only-if-cached", store: "memory:", limits: { rpm: 1 } });
    expect((await space.remem(["ask", "Hi"])).err).toContain("only-if-cached");
    expect(await space.remem(["ask", "Hi", "--cache", "default"])).toMatchObject({ status: 0 });
    space.write("requests.jsonl", [question("1"), question("2"), question("3")]);
    expect((await space.remem(["plan", "requests.jsonl"])).out).toContain("at least 3min");
    expect((await space.remem(["plan", "requests.jsonl", "--rpm", "3"])).out).toContain("at least 1min");
  });

  test("its journal records calls and is counted, also where --journal names no file, and its store does not hinder that", async () => {
    configure({ store: "memory:", journal: "calls.jsonl" });
    await space.remem(["ask", "Hi"]);
    await space.remem(["ask", "Hi", "--journal"]);
    await space.remem(["ask", "Hi", "--journal", "other.jsonl"]);
    const counted = JSON.parse((await space.remem(["stats", "--journal", "--json"])).out);
    expect(counted).toMatchObject({ file: join(space.directory, "calls.jsonl"), calls: 2, misses: 2 });
    const other = await space.remem(["stats", "--journal", "other.jsonl", "--json"]);
    expect(JSON.parse(other.out)).toMatchObject({ calls: 1 });
    const variable = { REMEM_JOURNAL: join(space.directory, "third.jsonl") };
    await space.remem(["ask", "Hi"], "", variable);
    expect(JSON.parse((await space.remem(["stats", "--journal", "--json"], "", variable)).out)).toMatchObject({
      calls: 1,
    });
    expect(await setting("journal", [])).toMatchObject({ from: "file", line: 3 });
  });

  test("its prices take precedence over list prices", async () => {
    const prices = { "gpt-4o-mini": { input: 1_000_000, output: 0 }, own: { input: 0, output: 2_000_000 } };
    configure({ store: "memory:", prices });
    space.write("requests.jsonl", [question("Hi", { model: "own", max_tokens: 2 })]);
    expect(JSON.parse((await space.remem(["plan", "requests.jsonl", "--json"])).out)).toMatchObject({
      cost: { most: 4, unknown: {} },
    });
    const tooDear = await space.remem(["batch", "requests.jsonl", "--max-cost", "3.99"]);
    expect(tooDear.err).toContain("--max-cost");
    expect(space.server.calls).toBe(0);
  });
});

describe("which file holds", () => {
  test("--config names one, --no-config reads none, and REMEM_CONFIG takes precedence over one that is found", async () => {
    const { directory } = space;
    const found = configure({ model: "found" });
    for (const name of ["flag", "variable"]) writeFileSync(join(directory, `${name}.yaml`), `model: ${name}\n`);
    expect(await shown([])).toMatchObject({ file: found });
    const extra = { REMEM_CONFIG: "variable.yaml" };
    expect(await setting("model", [], extra)).toMatchObject({ value: "variable", from: "file", line: 1 });
    expect(await setting("model", ["--config", "flag.yaml"], extra)).toMatchObject({ value: "flag" });
    expect(await setting("model", ["--no-config"], extra)).toEqual({
      name: "model",
      value: "gpt-4o-mini",
      from: "default",
    });
    const { err, status } = await space.remem(["--config", "nowhere.yaml", "ask", "Hi"]);
    expect({ err, status }).toEqual({
      err: `remem: The configuration file ${join(directory, "nowhere.yaml")} does not exist. --config names it.\n`,
      status: 2,
    });
  });

  test("an invalid file ends every command, and the message names its members and no flags", async () => {
    const path = configure({ model: 1, baseUrl: "x" });
    for (const args of [["ask", "Hi"], ["ls"], ["config"], ["clear", "--yes"]]) {
      const { status, err } = await space.remem(args);
      expect(status).toBe(2);
      expect(err).toContain(`${path} has 2 problems`);
      expect(err).toContain("line 2: `model` must be the name of a model");
    }
    expect((await space.remem(["ls", "--no-config"])).err).toContain("there is no cache");
  });
});

describe("remem config", () => {
  test.each<[string, string[], NodeJS.ProcessEnv, object, object]>([
    ["model", ["--model", "a"], {}, { model: "b" }, { value: "a", from: "flag", flag: "--model" }],
    ["model", [], {}, { model: "b" }, { value: "b", from: "file", line: 2 }],
    ["model", [], {}, {}, { value: "gpt-4o-mini", from: "default" }],
    ["store", [], { REMEM_STORE: "memory:" }, { store: "redis://h" }, { from: "variable", variable: "REMEM_STORE" }],
    ["store", ["--store", "memory:"], { REMEM_STORE: "x:" }, {}, { value: "memory:", from: "flag" }],
    ["store", [], {}, { cacheDir: "/c" }, { value: "sqlite:/c/", from: "file", line: 2 }],
    ["store", [], {}, { store: "redis://u:hunter2@h" }, { value: "redis://[redacted]@h", from: "file" }],
    ["baseURL", [], { OPENAI_BASE_URL: "http://a" }, { baseURL: "http://b" }, { value: "http://a", from: "variable" }],
    ["baseURL", [], withoutServer, { baseURL: "http://b" }, { value: "http://b", from: "file" }],
    ["baseURL", ["--base-url", "http://c"], {}, { baseURL: "http://b" }, { value: "http://c", flag: "--base-url" }],
    ["limits.rpm", [], {}, { limits: { rpm: 3 } }, { value: 3, from: "file", line: 3 }],
    ["limits.tpm", [], {}, {}, { value: null, from: "default" }],
    ["limits.rpm", ["--rpm", "2"], {}, { limits: { rpm: 3 } }, { value: 2, from: "flag" }],
    ["params.seed", ["--param", "seed=1"], {}, { params: { seed: 3 } }, { value: 1, flag: "--param" }],
    ["timeoutMs", ["--timeout", "2"], {}, { timeoutMs: 1500 }, { value: 2000, flag: "--timeout" }],
    ["cache", [], {}, { cache: "reload" }, { value: "reload", from: "file" }],
    ['prices."a.b"', [], {}, { prices: { "a.b": { input: 1, output: 2 } } }, { from: "file", line: 3 }],
    ["apiKey", [], { OPENAI_API_KEY: "hunter2-hunter2" }, {}, { value: "set", variable: "OPENAI_API_KEY" }],
    ["apiKey", [], { OPENAI_API_KEY: "" }, {}, { value: "not set (OPENAI_API_KEY)", from: "default" }],
  ])(
    "shows the source of %s for the flags %j, the variables %j and the file %j",
    async (name, args, extra, file, expected) => {
      configure(file);
      const found = await setting(name, args, extra);
      expect(found).toMatchObject(expected);
      expect(JSON.stringify(found)).not.toContain("hunter2");
    },
  );

  test("prints a table, without secrets", async () => {
    const path = configure({ store: "redis://user:hunter2@host/0", params: { seed: 7 } });
    const { status, out } = await space.remem(["config", "--model", "m"]);
    expect(status).toBe(0);
    expect(out).toContain(`file: ${path}\n`);
    expect(out).toMatch(/^store +redis:\/\/\[redacted\]@host\/0 +remem\.config\.json:2$/m);
    expect(out).toMatch(/^model +m +--model$/m);
    expect(out).toMatch(/^params\.seed +7 +remem\.config\.json:4$/m);
    expect(out).toMatch(/^apiKey +set +OPENAI_API_KEY$/m);
    expect(out).toMatch(/^limits\.rpm +none +default$/m);
    expect(out).not.toContain("hunter2");
  });

  test("without a file tells where it has looked", async () => {
    const { out } = await space.remem(["config"]);
    expect(out).toContain(`file: none; looked for remem.config.json, .yaml and .yml in\n  ${space.directory}\n`);
    expect((await space.remem(["config", "--no-config"])).out).toContain("file: none (--no-config)\n");
  });
});

test("a file of variables that Node reads sets what the variables set, and the environment takes precedence", async () => {
  const { directory } = space;
  writeFileSync(join(directory, ".env"), "REMEM_STORE=memory:\nOPENAI_API_KEY=from-file\n");
  const { status, out } = await space.node(["--env-file=.env"], ["config", "--json"], { OPENAI_API_KEY: "own" });
  expect(status).toBe(0);
  expect(JSON.parse(out).settings).toContainEqual({
    name: "store",
    value: "memory:",
    from: "variable",
    variable: "REMEM_STORE",
  });
});
