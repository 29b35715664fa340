// Builds the site into .vitepress/dist: the reference, the pages, and a check of all links and of inline code.
import { fileURLToPath } from "node:url";
import { build } from "vitepress";
import { wrongLinks } from "./check-links.ts";
import { lostCode } from "./code.ts";
import { writeReference } from "./reference.ts";

const site = fileURLToPath(new URL("../.vitepress/dist", import.meta.url));
await writeReference();
await build(fileURLToPath(new URL("..", import.meta.url)));
const wrong = [...wrongLinks(site), ...lostCode(site)];
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exitCode = 1;
}
