import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyPort, end, lacks, launch } from "../server-process.ts";

/** A memcached owned by one test, which may kill it. */
export interface MemcachedServer {
  readonly port: number;
  /** Kills the server. Its data is lost. */
  stop(): Promise<void>;
  /** Starts an empty server on the same port, after `stop`. */
  start(): Promise<void>;
}

/** Whether `startMemcached` can start one. */
export const canStartMemcached: boolean = spawnSync("memcached", ["--version"]).status === 0;

if (!canStartMemcached) lacks("No memcached is in PATH: tests that need one are skipped.", "memcached");

/** Starts a server that takes values of up to 4 MB. */
export async function startMemcached(): Promise<MemcachedServer> {
  const port = anyPort();
  const run = async () => {
    const directory = mkdtempSync(join(tmpdir(), "remem-memcached-"));
    const args = ["-v", "-v", "-l", "127.0.0.1", "-p", `${port}`, "-U", "0", "-I", "4m"];
    // As root it insists on a name.
    const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
    const server = await launch({
      command: "memcached",
      args: [...args, ...user],
      ready: /server listening/,
      directory,
    });
    server.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    return server;
  };
  let running = await run();
  return {
    port,
    stop: () => end(running, "SIGKILL"),
    async start() {
      running = await run();
    },
  };
}
