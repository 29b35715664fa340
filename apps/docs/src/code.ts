import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Markdown } from "./links.ts";

/** Keeps inline code as it is written: Vue would take `{{name}}` for an expression of its own, and show nothing. */
export function literalCode(markdown: Markdown): void {
  markdown.core.ruler.push("literal-code", ({ tokens }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) if (token.type === "code_inline") token.attrSet("v-pre", "");
    }
  });
}

/** The pages of a built site that have lost inline code. */
export function lostCode(site: string): string[] {
  return globSync("**/*.html", { cwd: site })
    .filter((page) => /<code[^>]*>\s*<\/code>/.test(readFileSync(join(site, page), "utf8")))
    .map((page) => `${page}: an inline code is empty`);
}
