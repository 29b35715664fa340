import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { anyPort, end, lacks, launch } from "../server-process.ts";

/** A MariaDB server owned by one test, which may freeze and kill it. */
export interface MariadbServer {
  /** The URL of the database `test`, with the password of its user. */
  readonly url: string;
  readonly password: string;
  /** The current process, for signals. */
  readonly pid: number;
  /** Runs SQL as the administrator in the database `test`, and returns what the client prints. */
  query(sql: string): string;
  /** Kills the server. Its data is kept until `remove`. */
  stop(): Promise<void>;
  /** Starts the server on the same port, after `stop`. */
  start(): Promise<void>;
  /** Ends the server, and removes its data. */
  remove(): Promise<void>;
}

/** Whether `startMariadb` can start one. */
export const canStartMariadb: boolean = spawnSync("mariadbd", ["--version"]).status === 0;

if (!canStartMariadb) lacks("No mariadbd is in PATH: tests that need a MariaDB are skipped.", "mariadb-server-core");

/** Starts a server with an empty database. */
export async function startMariadb(): Promise<MariadbServer> {
  const directory = mkdtempSync(join(tmpdir(), "remem-mariadb-"));
  const password = "pa/ss:w@rd#%25 é";
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? "nobody" : userInfo().username;
  if (isRoot) chownSync(directory, Number(execFileSync("id", ["-u", user], { encoding: "utf8" })), -1);
  const data = `--datadir=${join(directory, "data")}`;
  const install = [
    "--no-defaults",
    data,
    `--user=${user}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ];
  execFileSync("mariadb-install-db", install, { stdio: "ignore" });

  const port = anyPort();
  const socket = join(directory, "socket");
  const run = () =>
    launch({
      command: "mariadbd",
      args: [
        "--no-defaults",
        data,
        `--user=${user}`,
        `--port=${port}`,
        "--bind-address=127.0.0.1",
        `--socket=${socket}`,
      ],
      ready: /ready for connections/,
      directory,
    });
  let running = await run();
  const stop = (): Promise<void> => end(running, "SIGKILL");
  const query = (sql: string, database = "test"): string =>
    execFileSync("mariadb", ["--no-defaults", "-N", "-B", `--socket=${socket}`, "-u", "root", database], {
      input: sql,
      encoding: "utf8",
    }).trim();
  query(
    `CREATE DATABASE test; CREATE USER theirs@'%' IDENTIFIED BY '${password}'; GRANT ALL ON test.* TO theirs@'%';`,
    "mysql",
  );
  return {
    url: `mysql://theirs:${encodeURIComponent(password)}@127.0.0.1:${port}/test`,
    password,
    get pid() {
      return running.pid!;
    },
    query,
    stop,
    async start() {
      running = await run();
    },
    async remove() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
