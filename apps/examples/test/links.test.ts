import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root, textOf } from "./pages/markdown.ts";

const pages = globSync(["*.md", "{packages,apps}/*/*.md", "docs/**/*.md"], { cwd: root }).toSorted();

test("there are pages with links", () => {
  expect(pages.length).toBeGreaterThan(50);
});

// `npm run docs` checks the sections that links of the site name, too.
test.each(pages)("the links and pictures of %s lead to files of this repository", (page) => {
  const prose = textOf(page).replaceAll(/^```.*?^```$/gms, "");
  const paths = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, href]) => href!.split("#")[0]!);
  const own = paths.filter((path) => path !== "" && !/^[a-z]+:/.test(path));
  expect(own.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
});
