import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const guide = readFileSync(new URL("docs/publish-a-plugin.md", root), "utf8");

/** The code blocks, each with the file that the preceding line links to. */
const blocks = Array.from(
  guide.matchAll(/(?:\]\(\.\.\/([^)]+)\)[^\n]*:\n\n)?^```(\w+)\n(.*?)^```$/gms),
  ([, path, language, code]) => ({ path, language, code }),
);

test("all code in the guide to plugins comes from the plugins: complete files, and a part of a manifest", () => {
  const code = blocks.filter(({ language }) => language !== "sh");
  expect(code.map(({ path }) => path?.replace("apps/remem-provider-openrouter/", ""))).toEqual([
    "src/openrouter-provider.ts",
    "test/contract.ts",
    "package.json",
  ]);
  for (const { path, language, code: shown } of code) {
    const file = readFileSync(new URL(path!, root), "utf8");
    if (language === "ts") expect(shown).toBe(file);
    else expect(file).toContain(shown);
  }
});
