import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
        stop: () => end(running),
        async start() {
          running = await launch(port, args);
        },
      };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

/** Below the ephemeral ports, so that no outgoing connection occupies the port of a stopped server. */
const anyPort = (): number => 10_000 + Math.floor(Math.random() * 12_000);

async function launch(port: number, args: Arguments): Promise<ChildProcess> {
  const directory = mkdtempSync(join(tmpdir(), "remem-redis-"));
  const server = spawn(program!, args(port, directory), { stdio: ["ignore", "pipe", "inherit"] });
  // Its stdin ends with this process, however that ends. It then kills the server, which may be frozen.
  const guard = spawn("sh", ["-c", 'read _; kill -9 "$0"; rm -rf "$1"', `${server.pid}`, directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  server.once("exit", () => {
    guard.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });
  await ready(server);
  return server;
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    server.stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (/Ready to accept connections|Sentinel ID is/.test(output)) resolve();
    });
    server.once("close", () => reject(new Error(`${program} ended instead of starting:\n${output}`)));
  });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill("SIGKILL");
  await once(server, "exit");
}
