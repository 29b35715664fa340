import { once } from "node:events";
import { describe, expect, test, vi } from "vitest";
import { SDKS, workspace } from "./support/remem.ts";

test("the answer is printed, and paid for once", async () => {
  const { remem, server } = await workspace();
  const first = await remem(["ask", "What is the capital of France?"]);
  expect(first).toMatchObject({ status: 0, err: "" });
  expect(first.out).toContain("“What is the capital of France?”");
  expect(await remem(["ask", "What is the capital of France?"])).toEqual(first);
  expect(await remem(["ask", "-"], "What is the capital of France?\n")).toEqual(first);
  expect(server.calls).toBe(1);
});

test("an answer that calls a tool is printed as JSON", async () => {
  const { remem } = await workspace();
  const tools = JSON.stringify([{ type: "function", function: { name: "weather" } }]);
  const { out } = await remem(["ask", "Weather?", "--param", `tools=${tools}`]);
  expect(JSON.parse(out)).toMatchObject({ tool_calls: [{ function: { name: "weather" } }] });
});

describe.each(SDKS)("with %s", (_, sdk) => {
  test("a failure is reported in one line with a hint", async () => {
    const { remem, server } = await workspace();
    server.script([{ status: 401 }]);
    const { status, out, err } = await remem(["ask", "Hi"], "", sdk);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    const major = sdk.NODE_OPTIONS === undefined ? "7" : "6";
    expect(server.requests[0]?.headers["x-stainless-package-version"]?.[0]).toBe(major);
    expect(err).toMatch(/^remem: "openai" answered 401 .*Check the environment variable OPENAI_API_KEY.*\n$/);
  });

  test("advice names flags and variables of the command, not options of the library", async () => {
    const { remem, server } = await workspace();
    const unset = await remem(["ask", "Hi"], "", { ...sdk, OPENAI_API_KEY: "" });
    expect(unset.err).toMatch(/There is no API key: set OPENAI_API_KEY/);
    server.script([{ status: 404 }, { stall: "body" }]);
    expect((await remem(["ask", "Hi"], "", sdk)).err).toMatch(/Check --model and --base-url/);
    const impatient = await remem(["ask", "Hi", "--timeout", "1", "--retries", "0"], "", sdk);
    expect(impatient.err).toMatch(/within 1000 ms.*--timeout/);
    expect(server.calls).toBe(2);
  });

  test("an answer that is not stored is printed, and reported, since it costs again", async () => {
    const { remem, server } = await workspace();
    const choices = [{ index: 0, finish_reason: "sensitive", message: { role: "assistant", content: "Partly" } }];
    server.script([{ body: { id: "1", object: "chat.completion", created: 1, model: "m", choices } }]);
    const { status, out, err } = await remem(["ask", "Hi"], "", sdk);
    expect({ status, out }).toEqual({ status: 0, out: "Partly\n" });
    expect(err).toMatch(/not stored: 1, which cost again next time: 1 not complete/);
  });
});

test("a second Ctrl-C exits immediately", async () => {
  const { start, server } = await workspace();
  server.script([{ stall: "headers" }]);
  const command = start(["ask", "Hi"]);
  await vi.waitFor(() => expect(server.calls).toBe(1), 10_000);
  command.kill("SIGINT");
  await once(command.stderr!, "data");
  command.kill("SIGINT");
  expect(await command.ended).toMatchObject({ status: 130, out: "" });
});

test("--help prints the usage, and --version the version", async () => {
  const { remem } = await workspace();
  const help = await remem(["--help"]);
  expect(help).toMatchObject({ status: 0, err: "" });
  for (const word of ["ask", "batch", "import", "export", "OPENAI_API_KEY", "130"]) expect(help.out).toContain(word);
  const batch = await remem(["batch", "--help"]);
  for (const word of [
    "--output",
    "--concurrency",
    "--model",
    "--store",
    "--cache",
    "--base-url",
    "--param",
    "custom_id",
  ]) {
    expect(batch.out).toContain(word);
  }
  expect((await remem(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
