import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../../../", import.meta.url));

export interface Block {
  readonly language: string;
  readonly code: string;
  /** The file that the line before it names, as in "`ask.mjs`:" and "Save this as `ask.mjs`:". */
  readonly file: string | undefined;
}

/** The pages under `docs`. */
export function docsPages(): string[] {
  return globSync("docs/**/*.md", { cwd: root })
    .map((page) => page.replaceAll("\\", "/"))
    .toSorted();
}

export function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** The code blocks of a page. */
export function blocksOf(page: string): Block[] {
  const blocks = textOf(page).matchAll(/(?:`([\w./-]+\.\w+)`:\n\n)?^```(\w*)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, file, language = "", code = ""]) => ({ language, code, file }));
}
