import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vitepress";
import { repositoryLinks } from "../src/links.ts";
import { pageOf, root } from "../src/pages.ts";
import { nav, sidebar } from "./menu.ts";

const config: UserConfig = defineConfig({
  title: "remem",
  description: "A cache for language-model calls: an identical request is paid for once.",
  lang: "en",
  srcDir: root,
  srcExclude: [
    "{AGENTS,README}.md",
    ".changeset/**",
    "**/{test,src,dist,fixtures}/**",
    "deploy/**",
    "apps/{examples,faults}/**",
  ],
  rewrites: (file) => pageOf(file) ?? file,
  cleanUrls: false, // Files that any server, and none, can serve.
  markdown: {
    config: repositoryLinks,
    theme: { light: "github-light-high-contrast", dark: "github-dark" },
  },
  vite: {
    resolve: {
      // The pages lie outside of this package, where nothing is installed.
      alias: ["vue/server-renderer", "vue"].map((name) => ({
        find: new RegExp(`^${name}$`),
        replacement: fileURLToPath(import.meta.resolve(name)),
      })),
    },
  },
  themeConfig: {
    nav,
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
  },
});
export default config;
