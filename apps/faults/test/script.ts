import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { fileOf } from "./worker.ts";

/** Runs a script of `processes/` to its end, with a limited number of file descriptors. */
export async function runScript(
  script: string,
  args: readonly string[],
  { descriptors }: { readonly descriptors: number },
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  const env = { ...rest, NODE_NO_WARNINGS: "1" }; // The script counts warnings itself.
  const limited = ["-c", `ulimit -n ${descriptors} && exec "$0" "$@"`, process.execPath, fileOf(script), ...args];
  const child = spawn("sh", limited, { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  return { code: code as number | null, output };
}
