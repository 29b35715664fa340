import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { anyPort, end, lacks, launch } from "../server-process.ts";

/** A PostgreSQL server owned by one test, which may freeze and kill it. */
export interface PostgresServer {
  /** The URL of the database `postgres`, with the password of the owner. */
  readonly url: string;
  readonly password: string;
  /** The current process, for signals. Its connections have processes of their own. */
  readonly pid: number;
  /** Runs SQL as the owner, and returns what `psql` prints. */
  query(sql: string): string;
  /** Ends the server at once, as a crash does. Its data is kept until `remove`. */
  stop(): Promise<void>;
  /** Starts the server on the same port, after `stop`. */
  start(): Promise<void>;
  /** Ends the server, and removes its data. */
  remove(): Promise<void>;
}

/** Debian keeps the programs out of PATH. */
const directories = [
  ...globSync("/usr/lib/postgresql/*/bin").sort((a, b) => b.localeCompare(a, undefined, { numeric: true })),
  ...(process.env.PATH ?? "").split(delimiter),
];
const directoryOf = (program: string): string | undefined =>
  directories.find((directory) => spawnSync(join(directory, program), ["--version"]).status === 0);
const bin = directoryOf("initdb");

/** Whether `startPostgres` can start one. */
export const canStartPostgres: boolean = bin !== undefined;

if (!canStartPostgres) {
  lacks("There is no initdb in PATH and none in /usr/lib/postgresql: tests of PostgreSQL are skipped.", "postgresql");
}

/** Starts an empty server. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), "remem-postgres-"));
  const user = userFor(directory);
  const password = "pa/ss:w@rd#%25 é";
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password);
  const data = join(directory, "data");
  const init = ["--pgdata", data, "--username", "owner", "--pwfile", passwordFile, "--auth", "scram-sha-256"];
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  execFileSync(join(bin!, "initdb"), [...init, "--encoding", "UTF8", "--no-sync"], {
    ...user,
    env,
    cwd: directory,
    stdio: "ignore",
  });

  const port = anyPort();
  const run = () =>
    launch({
      command: join(bin!, "postgres"),
      args: ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", directory, "-F"],
      options: { ...user, env },
      ready: /database system is ready to accept connections/,
      directory,
    });
  let running = await run();
  const stop = (): Promise<void> => end(running, "SIGQUIT");
  return {
    url: `postgres://owner:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    password,
    get pid() {
      return running.pid!;
    },
    query: (sql) =>
      execFileSync(
        join(bin!, "psql"),
        ["-X", "-A", "-t", "-h", "127.0.0.1", "-p", `${port}`, "-U", "owner", "postgres"],
        {
          env: { ...env, PGPASSWORD: password },
          input: sql,
          encoding: "utf8",
        },
      ).trim(),
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

/** PostgreSQL refuses to run as root: then the user `postgres` or `nobody` runs it, and owns the directory. */
function userFor(directory: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (name: string, flag: string) => Number(execFileSync("id", [flag, name], { encoding: "utf8" }));
  const name = spawnSync("id", ["postgres"]).status === 0 ? "postgres" : "nobody";
  const user = { uid: idOf(name, "-u"), gid: idOf(name, "-g") };
  chownSync(directory, user.uid, user.gid);
  return user;
}
