import { fileURLToPath } from "node:url";

/** The root of the repository, with a slash at its end. */
export const root: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Where the reference is generated, relative to the root. Ignored by git. */
export const REFERENCE = "apps/docs/reference";

/** Which Markdown of the repository is a page, and at which address. What matches none is not in the site. */
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

/** The page that a file is, such as `guides/ci.md` for `docs/guides/ci.md`; undefined for what is none. */
export function pageOf(file: string): string | undefined {
  const found = file.endsWith(".md") ? PAGES.find(([pattern]) => pattern.test(file)) : undefined;
  return found && file.replace(...found);
}
