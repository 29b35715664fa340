import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Workspace, workspace } from "../support/remem.ts";

const golden = (name: string) => new URL(`../../../../packages/sqlite/test/golden/${name}`, import.meta.url);

/**
 * The requests of an experiment in Python whose answers its cache file holds: a temperature that is the int 0, and no seed. Without
 * the one whose schema has the float 1.0.
 */
const requests = readFileSync(golden("original-cache.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line))
  .filter(({ profile, hit, floats }) => profile === "config" && hit && floats.length === 0)
  .map(({ request: { messages, model, response_format } }) => ({
    messages,
    model,
    temperature: 0,
    ...(response_format !== null && { response_format }),
  }));

async function imported(...flags: string[]): Promise<Workspace> {
  const place = await workspace();
  copyFileSync(golden("gpt-4o-mini_cache.sqlite"), join(place.directory, "gpt-4o-mini_cache.sqlite"));
  place.write("in.jsonl", requests);
  expect((await place.remem(["import", "gpt-4o-mini_cache.sqlite", ...flags])).err).toMatch(/^30 imported/);
  return place;
}
const figure = (summary: string, name: string) => new RegExp(`^${name} +(.*)$`, "m").exec(summary)?.[1];

test("the answers of an experiment are found after an import, with --python-keys", async () => {
  const { remem, server } = await imported();
  const run = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--python-keys"]);
  expect(run.status).toBe(0);
  expect(figure(run.err, "hits")).toBe(String(requests.length));
  expect(server.calls).toBe(0);
});

test("those that Python keyed with the float 0.0 are found with --python-keys float", async () => {
  const { write, remem, server } = await imported("--store", "sqlite:all.sqlite");
  write(
    "in.jsonl",
    requests.map((request) => ({ ...request, seed: 0 })),
  );
  const run = await remem(["batch", "in.jsonl", "--python-keys", "float", "--store", "sqlite:all.sqlite"]);
  expect(figure(run.err, "hits")).toBe(String(requests.length));
  expect(server.calls).toBe(0);
});

test.each([
  [[], ["--model", "other"]],
  [["--model", "other"], []],
  [
    ["--model", "one"],
    ["--model", "other", "--provider", "openai"],
  ],
])("the store does not move with --model where lines name their model: %j, then %j", async (first, second) => {
  const { write, remem, server } = await workspace();
  write("in.jsonl", [
    { ...requests[0], model: "llama" },
    { ...requests[1], model: "mistral" },
  ]);
  await remem(["batch", "in.jsonl", "-o", "out.jsonl", ...first]);
  expect(server.calls).toBe(2);
  const text = [requests[0], requests[1]].map((request, index) =>
    JSON.stringify({ ...request, model: ["llama", "mistral"][index] }),
  );
  const run = await remem(["batch", "-", ...second], text.join("\n"));
  expect(figure(run.err, "hits")).toBe("2");
  expect(server.calls).toBe(2);
});

test("import, export and batch agree on the file of a model", async () => {
  const { write, remem, directory, server } = await workspace();
  copyFileSync(golden("gpt-4o-mini_cache.sqlite"), join(directory, "llama_cache.sqlite"));
  await remem(["import", "llama_cache.sqlite"]);
  write("in.jsonl", [{ messages: [{ role: "user", content: "Hi" }], model: "llama" }]);
  await remem(["batch", "in.jsonl", "-o", "out.jsonl"]);
  expect(server.calls).toBe(1);
  expect((await remem(["export", "theirs.sqlite", "--model", "llama"])).err).toMatch(/^31 exported/);
});
