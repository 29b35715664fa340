import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Returns the dead links of a built site, and everything that a browser would fetch from elsewhere. */
export function wrongLinks(site: string): string[] {
  const pages = new Map(
    globSync("**/*.html", { cwd: site }).map((page) => [page, readFileSync(join(site, page), "utf8")] as const),
  );
  const files = new Set(globSync("**/*.*", { cwd: site }));
  const anchors = new Map(Array.from(pages, ([page, html]) => [page, new Set(attributes(html, "id"))] as const));
  const wrong: string[] = [];

  for (const [page, html] of pages) {
    for (const href of new Set(attributes(html, "href"))) {
      if (/^[a-z]+:/i.test(href)) continue;
      const [path = "", anchor] = href.split("#");
      const target = path === "" ? page : fileOf(path, page);
      if (!files.has(target)) wrong.push(`${page}: nothing is at ${href}`);
      else if (anchor && !anchors.get(target)?.has(decodeURIComponent(anchor))) wrong.push(`${page}: no ${href}`);
    }
    const fetched = html.matchAll(/<(?!a\b)[a-z]+\b[^>]*?\s(?:src|href)="((?:https?:)?\/\/[^"]+)"/g);
    for (const [, address] of fetched) wrong.push(`${page} fetches ${address}`);
  }
  for (const file of files) {
    if (!file.endsWith(".css")) continue;
    const styles = readFileSync(join(site, file), "utf8");
    if (/url\(["']?(https?:)?\/\//.test(styles)) wrong.push(`${file} fetches something from elsewhere`);
  }
  return wrong;
}

function attributes(html: string, name: string): string[] {
  return Array.from(html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g")), ([, value = ""]) =>
    value.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">"),
  );
}

function fileOf(path: string, page: string): string {
  const whole = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(page), path);
  const file = decodeURIComponent(whole);
  return file === "" || file.endsWith("/") ? `${file}index.html` : file;
}
