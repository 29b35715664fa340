import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./steps.mjs";

/** Copies the files that git would commit. */
export async function copyRepository(root, to) {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  for (const file of (await run("git", listing, { cwd: root })).stdout.split("\0")) {
    if (file !== "" && existsSync(join(root, file))) cpSync(join(root, file), join(to, file));
  }
}
