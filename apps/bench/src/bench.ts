import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canStartRedis, startRedis } from "@remem/test-support/redis/start-redis";
import { keepOnOneCore } from "./harness/one-core.ts";

/**
 * How much a scenario does: enough for figures to quote, a quick look, or, for tests, the least that yields a figure for
 * every cell.
 */
export type Effort = "full" | "quick" | "least";

/** The plan of a scenario for every effort. */
export type Plans<Plan> = Readonly<Record<Effort, Plan>>;

/** The resources of scenarios. */
export interface Bench {
  readonly effort: Effort;
  /** A new, empty directory, removed at the end. */
  directory(): string;
  /** The URL of a new, empty database on the bench's own Redis server. Left out if the bench cannot start a server. */
  redis?(): string;
  /** Shows the name of the current measurement. */
  progress(what: string): void;
}

export interface OpenBench extends Bench {
  end(): Promise<void>;
}

/** More than all scenarios together need. */
const DATABASES = 100;

/** Opens the bench. It leaves nothing behind, even if the process is interrupted. */
export async function openBench(effort: Effort, progress: (what: string) => void = () => {}): Promise<OpenBench> {
  const root = mkdtempSync(join(tmpdir(), "remem-bench-"));
  // Retried, because a process that was just killed may still be there.
  const clean = (): void => rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", clean);
  const server = canStartRedis ? await startRedis(() => ["--databases", `${DATABASES}`]) : undefined;
  if (server !== undefined) keepOnOneCore(server.pid);
  let databases = 0;
  return {
    effort,
    directory: () => mkdtempSync(join(root, "run-")),
    ...(server !== undefined && { redis: () => `${server.url}/${databases++}` }),
    progress,
    async end() {
      await server?.stop();
      process.off("exit", clean);
      clean();
    },
  };
}
