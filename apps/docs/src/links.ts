import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import type { MarkdownOptions } from "vitepress";
import { pageOf, root } from "./pages.ts";

/** The renderer of VitePress's pages. */
export type Markdown = Parameters<NonNullable<MarkdownOptions["config"]>>[0];

/**
 * Links of pages are relative paths to files and folders of the repository, so that a code host shows them, too. A link to a
 * page becomes a link of the site, and a link to another file becomes plain text. A dead link ends the build. READMEs of
 * packages link to other packages in the registry, where their readers are. On the site these links lead to pages.
 */
export function repositoryLinks(markdown: Markdown): void {
  markdown.core.ruler.push("repository-links", ({ tokens, env }) => {
    const page: string = posix.normalize(env.realPath?.slice(root.length) ?? env.relativePath);
    for (const { children } of tokens) {
      let withoutLink = 0;
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const href = fileOfPackage(token.attrGet("href")!, page);
          if (/^([a-z]+:|#)/i.test(href)) continue;
          const target = targetOf(href, page);
          if (target !== undefined) token.attrSet("href", target);
          else {
            withoutLink += 1;
            token.tag = "span";
            token.attrs = [["class", "of-repository"]];
          }
        } else if (token.type === "link_close" && withoutLink > 0) {
          withoutLink -= 1;
          token.tag = "span";
        }
      }
    }
  });
}

const IN_REGISTRY = /^https:\/\/www\.npmjs\.com\/package\/([^#]+)(#.*)?$/;

/** Turns a link to a package of ours in the registry into one to its README, relative to the page. Other links stay the same. */
function fileOfPackage(href: string, page: string): string {
  const [, name, anchor = ""] = IN_REGISTRY.exec(href) ?? [];
  const readme = name && READMES.get(name);
  return readme ? `${posix.relative(posix.dirname(page), readme)}${anchor}` : href;
}

/** The READMEs that are pages, by the names of their packages. */
const READMES: ReadonlyMap<string, string> = new Map(
  globSync("{packages,apps}/*/package.json", { cwd: root })
    .map((manifest) => posix.join(posix.dirname(manifest), "README.md"))
    .filter((readme) => existsSync(join(root, readme)) && pageOf(readme) !== undefined)
    .map((readme) => [nameOf(readme), readme]),
);

function nameOf(readme: string): string {
  return JSON.parse(readFileSync(join(root, readme, "../package.json"), "utf8")).name;
}

/** The address in the site; undefined for a file that is not a page. */
function targetOf(href: string, page: string): string | undefined {
  const [path = "", anchor] = href.split("#");
  let file = posix.join(posix.dirname(page), decodeURI(path));
  if (!existsSync(join(root, file))) throw new Error(`${page} links to ${href}, and there is no ${file}`);
  if (statSync(join(root, file)).isDirectory()) file = posix.join(file, "README.md");
  const target = pageOf(file);
  return target && `/${target}${anchor === undefined ? "" : `#${anchor}`}`;
}
