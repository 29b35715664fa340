import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill();
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

/** Runs one step and prints a line with its time. The line is printed at the end, because steps may run concurrently. */
export async function step(title, work) {
  const start = performance.now();
  const line = (mark) => `${mark} ${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${title}`;
  try {
    const result = await work();
    console.log(line("✓"));
    return result;
  } catch (error) {
    console.log(line("✗"));
    throw error;
  }
}

/** Returns what a command printed. Throws all of it if the command fails. */
export async function run(command, args, options) {
  const { status, stdout, stderr } = await outcomeOf(command, args, options);
  if (status === 0) return { stdout, stderr };
  throw new Error(`${[command, ...args].join(" ")}: status ${status}\n${stdout}${stderr}`);
}

/** Returns the exit status of a command, or the signal that ended it, and what it printed. */
export function outcomeOf(command, args, { cwd, env = process.env, timeoutMs = 300_000 }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      shell: process.platform === "win32", // npm and pnpm are .cmd files there
    });
    running.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (status, signal) => {
      running.delete(child);
      resolve({ status: signal ?? status, stdout, stderr });
    });
  });
}

/** Creates a directory that is removed when this process ends. */
export function temporaryDirectory(name) {
  const directory = mkdtempSync(join(tmpdir(), `${name}-`));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}
