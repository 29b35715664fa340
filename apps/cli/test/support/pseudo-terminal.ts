import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Workspace } from "./remem.ts";

const bin = fileURLToPath(new URL("../../bin/remem.js", import.meta.url));

export const hasTerminal: boolean = spawnSync("script", ["--version"]).status === 0;

/** Runs the command with a pseudo-terminal for its output and errors, and returns what that received. */
export async function onTerminal({ directory, server }: Workspace, args: string, columns = 80): Promise<string> {
  const env = { ...process.env, OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "test" };
  const command = `stty cols ${columns} rows 24; exec ${process.execPath} ${bin} ${args}`;
  const child = spawn("script", ["-qec", `bash -c ${JSON.stringify(command)}`, "/dev/null"], {
    cwd: directory,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [received] = await Promise.all([text(child.stdout), once(child, "close")]);
  return received;
}

/** What a terminal has shown, line by line and state by state of a line that was written over, without escape sequences. */
export function shown(received: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  const plain = received.replace(/\x1b\[\??[\d;]*[A-Za-ln-z]/g, "\n").replace(/\x1b\[[\d;]*m|\x1b[78]/g, "");
  return plain.split(/[\r\n]+/).filter((line) => line !== "");
}
