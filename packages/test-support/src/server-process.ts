import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

export interface ServerProcess {
  readonly command: string;
  readonly args: readonly string[];
  /** The user to run as, and variables. */
  readonly options?: Pick<SpawnOptions, "uid" | "gid" | "env">;
  /** Matches the output, or the errors, of a server that accepts connections. */
  readonly ready: RegExp;
  /** Removed if this process ends before the server does. */
  readonly directory: string;
}

/** Below the ephemeral ports, so that no outgoing connection occupies the port of a stopped server. */
export const anyPort = (): number => 10_000 + Math.floor(Math.random() * 12_000);

/**
 * Says which tests are skipped for lack of a server.
 * @throws in CI on Linux, which installs these servers
 */
export function lacks(problem: string, debianPackage: string): void {
  if (process.env.CI && process.platform === "linux")
    throw new Error(`${problem} Not in CI: install ${debianPackage}.`);
  console.warn(problem);
}

/** Starts a server that does not outlast this process, and waits until it is ready. */
export async function launch({ command, args, options, ready, directory }: ServerProcess): Promise<ChildProcess> {
  const server = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  // Its stdin ends with this process, even after a kill. It then kills the server, which may be frozen.
  const guard = spawn("sh", ["-c", 'read _; kill -9 "$0"; rm -rf "$1"', `${server.pid}`, directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  server.once("exit", () => guard.kill("SIGKILL"));
  await new Promise<void>((resolve, reject) => {
    let output = "";
    for (const stream of [server.stdout!, server.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = `${output}${text}`.slice(-10_000);
        if (ready.test(output)) resolve();
      });
    }
    server.once("error", reject);
    server.once("close", () => reject(new Error(`${command} ended instead of starting:\n${output}`)));
  });
  return server;
}

/** Sends the signal, and waits for the end of the process. */
export async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill(signal);
  await once(server, "exit");
}
