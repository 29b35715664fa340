import { readFileSync, writeFileSync } from "node:fs";
import { chartOfHits } from "./report/chart-of-hits.ts";
import type { Results } from "./report/results.ts";

const [path] = process.argv.slice(2);
if (!path?.endsWith(".json")) {
  console.error("npm run bench:chart -- <results>.json: draws the hits in these results as an SVG next to the file.");
  process.exit(2);
}
const results: Results = JSON.parse(readFileSync(path, "utf8"));
const target = path.replace(/json$/, "svg");
writeFileSync(target, await chartOfHits(results));
console.log(target);
