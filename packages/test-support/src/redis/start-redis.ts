import { type ChildProcess, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyPort, end, launch as launchServer } from "../server-process.ts";

/** A Redis server owned by one test, which may freeze, kill and fill it. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** The current process, for signals. */
  readonly pid: number;
  /** Kills the server, even a frozen one. Its data is lost. */
  stop(): Promise<void>;
  /** Starts an empty server on the same port, after `stop`. */
  start(): Promise<void>;
}

const program = ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);

/** Whether `startRedis` can start one. */
export const canStartRedis: boolean = program !== undefined;

/** Starts a server. `flags` are additional arguments, which override the defaults. */
export function startRedis(flags: (port: number) => readonly string[] = () => []): Promise<RedisServer> {
  return start((port, directory) => [
    ...["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory],
    ...flags(port),
  ]);
}

/** Starts a sentinel with these lines in its configuration. */
export function startSentinel(lines: readonly string[]): Promise<RedisServer> {
  return start((port, directory) => {
    const file = join(directory, "sentinel.conf");
    writeFileSync(file, [`port ${port}`, "bind 127.0.0.1", `dir ${directory}`, ...lines, ""].join("\n"));
    return [file, "--sentinel"];
  });
}

type Arguments = (port: number, directory: string) => readonly string[];

async function start(args: Arguments): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = anyPort();
    try {
      let running = await launch(port, args);
      return {
        url: `redis://127.0.0.1:${port}`,
        port,
        get pid() {
          return running.pid!;
        },
        stop: () => end(running, "SIGKILL"),
        async start() {
          running = await launch(port, args);
        },
      };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function launch(port: number, args: Arguments): Promise<ChildProcess> {
  const directory = mkdtempSync(join(tmpdir(), "remem-redis-"));
  const ready = /Ready to accept connections|Sentinel ID is/;
  const server = await launchServer({ command: program!, args: args(port, directory), ready, directory });
  server.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return server;
}
