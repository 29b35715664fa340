import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Returns a Python that has these packages, in a virtual environment that stays for the next run. If Python or a package is
 * missing, it prints that and returns undefined.
 */
export function pythonWith(packages: readonly string[]): string | undefined {
  const name = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
  const directory = join(tmpdir(), `remem-test-python-${process.getuid?.() ?? ""}-${name}`);
  const python = join(directory, process.platform === "win32" ? "Scripts" : "bin", "python");
  const ready = join(directory, "ready");
  if (existsSync(ready)) return python;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  const steps = [
    ["python3", "-m", "venv", directory],
    [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages],
  ];
  for (const [command = "", ...args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", timeout: 300_000 });
    if (status === 0) continue;
    const reason = error?.message ?? stderr.trim().split("\n").at(-1);
    console.warn(`No Python with ${packages.join(", ")}: tests that need it are skipped. ${command}: ${reason}`);
    return undefined;
  }
  writeFileSync(ready, "");
  return python;
}
