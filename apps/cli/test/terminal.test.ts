import { expect, test } from "vitest";
import { hasTerminal, onTerminal } from "./support/pseudo-terminal.ts";
import { question, workspace } from "./support/remem.ts";

const ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\rover \u202egnp.exe";
const SHOWN = "\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\u000dover \\u202egnp.exe";
function answer(content: string) {
  const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }];
  return { body: { id: "1", object: "chat.completion", created: 1, model: "m", choices } };
}

test.skipIf(!hasTerminal)(
  "escape sequences of a model and of a server are shown on a terminal, and do nothing",
  async () => {
    const place = await workspace();
    place.server.script([answer(ESCAPES), answer(ESCAPES), { status: 400, body: { error: { message: ESCAPES } } }]);
    expect(await onTerminal(place, "ask Hi")).toContain(SHOWN);
    place.write("in.jsonl", [question("a")]);
    const records = await onTerminal(place, "batch in.jsonl");
    expect(records).not.toContain("\x9b");
    expect(records).toContain("\\u009b31m");
    const failure = await onTerminal(place, "ask again");
    expect(failure).toContain("\\u001b]0;owned");
    expect(failure).not.toContain("\x1b]0;owned");
  },
);

test.skipIf(!hasTerminal)("an input that can be read only once is answered on a terminal, too", async () => {
  const place = await workspace();
  place.write("in.jsonl", [question("a"), question("b")]);
  await onTerminal(place, "batch <(cat in.jsonl) -o out.jsonl");
  expect(place.read("out.jsonl")).toHaveLength(2);
});

test("a pipe gets the bytes", async () => {
  const { remem, server } = await workspace();
  server.script([answer(ESCAPES)]);
  expect((await remem(["ask", "Hi"])).out).toBe(`${ESCAPES}\n`);
});
