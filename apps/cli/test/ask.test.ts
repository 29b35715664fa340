import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { workspace } from "./remem.ts";

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

test("a failure is reported in one line with a hint", async () => {
  const { remem, server } = await workspace();
  server.script([{ status: 401 }]);
  const { status, out, err } = await remem(["ask", "Hi"]);
  expect({ status, out }).toEqual({ status: 1, out: "" });
  expect(err).toMatch(/^remem: "openai" answered 401 .*Check `apiKey`.*\n$/);
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
