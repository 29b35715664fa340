import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Redis that belongs to a test: it may be frozen, killed and filled up. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now, for signals. */
  readonly pid: number;
  /** Ends it on the spot, with all that it holds, also a frozen one. */
  stop(): Promise<void>;
  /** After `stop`: an empty one on the same port. */
  start(): Promise<void>;
}

const program = ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);

/** Whether `startRedis` can start one. */
export const canStartRedis: boolean = program !== undefined;

/** `flags` are more arguments for the server, which win over those that it has from here. */
export async function startRedis(flags: (port: number) => readonly string[] = () => []): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = anyPort();
    try {
      let running = await launch(port, flags(port));
      return {
        url: `redis://127.0.0.1:${port}`,
        port,
        get pid() {
          return running.pid!;
        },
        stop: () => end(running),
        async start() {
          running = await launch(port, flags(port));
        },
      };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

/** Below those that systems give to outgoing connections, or one of them could sit on the port of a stopped server. */
const anyPort = (): number => 10_000 + Math.floor(Math.random() * 12_000);

async function launch(port: number, flags: readonly string[]): Promise<ChildProcess> {
  const directory = mkdtempSync(join(tmpdir(), "remem-redis-"));
  const basics = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory];
  const server = spawn(program!, [...basics, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  // Its input ends with this process, however that ends; then it takes the server along, which may be frozen.
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
      if (output.includes("Ready to accept connections")) resolve();
    });
    server.once("close", () => reject(new Error(`${program} ended instead of starting:\n${output}`)));
  });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill("SIGKILL");
  await once(server, "exit");
}
