import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vitepress";
import { literalCode } from "../src/code.ts";
import { repositoryLinks } from "../src/links.ts";
import { pageOf, root } from "../src/pages.ts";
import { nav, sidebar } from "./menu.ts";

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#3451b2"/><path d="M5 12V5m0 2.5Q6.5 5 10 5" stroke="#fff" stroke-width="2" fill="none"/></svg>`;

/** The pages lie outside of this package, where nothing is installed: what they import is looked for here. */
const vueOfPages: NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>[number] = {
  name: "vue-of-pages",
  enforce: "pre",
  resolveId(id, importer) {
    if (!/^vue(\/server-renderer)?$/.test(id) || !importer?.endsWith(".md")) return null;
    return this.resolve(id, fileURLToPath(import.meta.url), { skipSelf: true });
  },
};

const config: UserConfig = defineConfig({
  title: "remem",
  description: "A cache for language-model calls: you pay for identical requests once.",
  lang: "en",
  srcDir: root,
  srcExclude: ["{AGENTS,README}.md", ".changeset/**", "**/{test,src,dist,fixtures}/**", "apps/{examples,faults}/**"],
  rewrites: (file) => pageOf(file) ?? file,
  cleanUrls: false, // Files that any server, and none, can serve.
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  transformPageData({ relativePath, frontmatter }) {
    // Pages of the reference are not in the menu, and have no order.
    if (relativePath.startsWith("reference/")) Object.assign(frontmatter, { prev: false, next: false });
  },
  markdown: {
    config(markdown) {
      repositoryLinks(markdown);
      literalCode(markdown);
    },
    languageAlias: { console: "txt" }, // What programs print has no syntax.
    theme: { light: "github-light-high-contrast", dark: "github-dark" },
  },
  vite: {
    build: { chunkSizeWarningLimit: 4096 }, // The index of the search, which is loaded with the first search.
    plugins: [vueOfPages],
  },
  themeConfig: {
    nav,
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
  },
});
export default config;
