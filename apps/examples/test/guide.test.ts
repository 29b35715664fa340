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
  expect(code.map(({ path }) => path)).toEqual([
    "apps/remem-provider-openrouter/src/openrouter-provider.ts",
    "apps/remem-store-files/src/file-store.ts",
    "apps/remem-provider-openrouter/test/contract.ts",
    "apps/remem-store-files/test/contract.ts",
    "apps/remem-provider-openrouter/package.json",
  ]);
  for (const { path, language, code: shown } of code) {
    const file = readFileSync(new URL(path!, root), "utf8");
    if (language === "ts") expect(shown).toBe(file);
    else expect(file).toContain(shown);
  }
});
