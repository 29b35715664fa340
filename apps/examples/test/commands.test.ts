import { expect, test } from "vitest";
import { commandsIn, flagsOfCommands, wordsOf } from "./pages/commands.ts";
import { docsPages } from "./pages/markdown.ts";

const flags = flagsOfCommands();
const pages = [
  "README.md",
  ...docsPages(),
  ...["core", "fetch", "inspect", "keyv", "redis", "remem", "sqlite"].map((name) => `packages/${name}/README.md`),
  "apps/cli/README.md",
  "apps/gateway/README.md",
].filter((page) => page !== "docs/command.md");

test("the reference has the commands and their flags", () => {
  expect([...flags.keys()]).toContain("batch");
  expect(flags.get("batch")).toContain("--samples");
  expect(flags.get("completion")).toContain("--help");
});

const named = pages.map((page) => ({ page, commands: commandsIn(page) })).filter(({ commands }) => commands.length > 0);

test("pages name commands", () => {
  expect(named.flatMap(({ commands }) => commands).length).toBeGreaterThan(100);
});

test.each(named)("$page names commands and flags that there are", ({ commands }) => {
  const unknown = commands.flatMap((command) => {
    const [name = "", ...words] = wordsOf(command);
    if (name.startsWith("-") || name === "help" || /[<|…]/.test(name)) return [];
    const own = flags.get(name);
    if (own === undefined) return [`${command}: there is no command ${name}`];
    const given = words.filter((word) => /^-{1,2}[a-z]/.test(word)).map((word) => word.replace(/[=,].*$/, ""));
    return given.filter((flag) => !own.has(flag)).map((flag) => `${command}: ${name} has no ${flag}`);
  });
  expect(unknown).toEqual([]);
});
