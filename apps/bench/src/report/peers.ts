import { readFileSync } from "node:fs";

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(new URL(`../../${folder}/package.json`, import.meta.url), "utf8"));

/** What draws the chart. */
const TOOLS = ["vega", "vega-lite"];

/** What remem is measured beside, and on, as it is installed: `keyv 6.1.0`. */
export function describePeers(): string[] {
  const dependencies: Readonly<Record<string, string>> = manifestOf(".").dependencies;
  return Object.entries(dependencies)
    .filter(([folder, range]) => !range.startsWith("workspace:") && !TOOLS.includes(folder))
    .map(([folder]) => {
      const { name, version } = manifestOf(`node_modules/${folder}`);
      return `${name} ${version}`;
    });
}
