import { readFileSync } from "node:fs";

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(new URL(`../../${folder}/package.json`, import.meta.url), "utf8"));

/** Used for the chart only. */
const TOOLS = ["vega", "vega-lite"];

/** The other caches and the clients that are measured, with their installed versions: `keyv 6.1.0`. */
export function describePeers(): string[] {
  const dependencies: Readonly<Record<string, string>> = manifestOf(".").dependencies;
  return Object.entries(dependencies)
    .filter(([folder, range]) => !range.startsWith("workspace:") && !TOOLS.includes(folder))
    .map(([folder]) => {
      const { name, version } = manifestOf(`node_modules/${folder}`);
      return `${name} ${version}`;
    });
}
