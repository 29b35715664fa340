import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canStartRedis, startRedis } from "@remem/test-support/redis/start-redis";
import { keepOnOneCore } from "./harness/one-core.ts";

/**
 * How much a scenario does: enough for figures to quote, a quick look, or the least that has a figure for all that it
 * shows, for tests.
 */
export type Effort = "full" | "quick" | "least";

/** What an effort means to a scenario. */
export type Plans<Plan> = Readonly<Record<Effort, Plan>>;

/** What scenarios work with. */
export interface Bench {
  readonly effort: Effort;
  /** A new, empty directory, removed at the end. */
  directory(): string;
  /** The URL of a new, empty database in a server of the bench's own; left out where there is no server to start. */
  redis?(): string;
  /** Says what is under way. */
  progress(what: string): void;
}

export interface OpenBench extends Bench {
  end(): Promise<void>;
}

/** More than the scenarios ask for together. */
const DATABASES = 100;

/** Nothing of it is left when the process ends, however that ends. */
export async function openBench(effort: Effort, progress: (what: string) => void = () => {}): Promise<OpenBench> {
  const root = mkdtempSync(join(tmpdir(), "remem-bench-"));
  // Again where a process that has just been killed is not gone yet.
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
