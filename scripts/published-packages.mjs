import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Lists the packages in a copy of the repository that are published to npm, each with its manifest. */
export function publishedPackages(root) {
  return globSync("{packages,apps}/*/package.json", { cwd: root })
    .map((file) => ({
      directory: join(root, dirname(file)),
      manifest: JSON.parse(readFileSync(join(root, file), "utf8")),
    }))
    .filter(({ manifest }) => manifest.private !== true);
}
