import { fileURLToPath } from "node:url";

/** The root of the repository, with a slash at its end. */
export const root: string = fileURLToPath(new URL("../../../", import.meta.url));

/** The place of the generated reference, relative to the root. Ignored by git. */
export const REFERENCE = "apps/docs/reference";

/** The Markdown files of the repository that are pages, and their addresses. Other files are not in the site. */
const PAGES: ReadonlyArray<readonly [file: RegExp, page: string]> = [
  [/^docs\/(.*?)README\.md$/, "$1index.md"],
  [/^docs\/(.+)$/, "$1"],
  [/^packages\/([^/]+)\/README\.md$/, "packages/$1.md"],
  [/^apps\/(cli|gateway|view|remem-[^/]+)\/README\.md$/, "packages/$1.md"],
  [/^apps\/bench\/README\.md$/, "bench/index.md"],
  [/^apps\/bench\/findings\.md$/, "bench/findings.md"],
  [/^SECURITY\.md$/, "security.md"],
  [/^CONTRIBUTING\.md$/, "contributing.md"],
  [/^apps\/docs\/reference\/(.+)$/, "reference/$1"],
];

/** The page of a file, such as `guides/ci.md` for `docs/guides/ci.md`; undefined for a file that is not a page. */
export function pageOf(file: string): string | undefined {
  const found = file.endsWith(".md") ? PAGES.find(([pattern]) => pattern.test(file)) : undefined;
  return found && file.replace(...found);
}
