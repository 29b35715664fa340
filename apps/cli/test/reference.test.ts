import { expect, test } from "vitest";
import { createProgram } from "../src/program/program.ts";
import { referencePage } from "./reference.ts";

const program = createProgram("0.0.0", () => {});

// `pnpm vitest run reference -u` writes it anew.
test("docs/command.md is the reference of all commands", async () => {
  await expect(referencePage(program)).toMatchFileSnapshot("../../../docs/command.md");
});

test("every command, argument and flag is described, and no description is a sentence", () => {
  for (const command of program.commands) {
    const described = [command, ...command.registeredArguments, ...command.options];
    for (const { description } of described) {
      const text = typeof description === "string" ? description : description.call(command);
      expect(text).toMatch(/^\S.*[^.]$/);
    }
  }
});

test.each([60, 80, 120])("a help fits a terminal of %i columns", (columns) => {
  for (const command of [program, ...program.commands]) {
    const text = command.configureHelp({ ...command.configureHelp(), helpWidth: columns }).helpInformation();
    expect(widest(text), command.name()).toBeLessThanOrEqual(columns);
  }
});

test("what is written below a help fits a terminal of 80 columns", () => {
  for (const command of [program, ...program.commands]) {
    let shown = "";
    command.configureHelp({ ...command.configureHelp(), helpWidth: 80 });
    command.configureOutput({ writeOut: (text) => (shown += text) }).outputHelp();
    expect(widest(shown), command.name()).toBeLessThanOrEqual(80);
  }
});

const widest = (text: string): number => Math.max(...text.split("\n").map(({ length }) => length));
