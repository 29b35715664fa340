import type { Table } from "./report/table.ts";

/** One question about speed or size, and the tables that answer it. */
export interface Scenario {
  /** What `--only` names. */
  readonly id: string;
  /** What it measures, in a line. */
  readonly about: string;
  run(bench: Bench): AsyncIterable<Table>;
}

/** What a scenario works with. */
export interface Bench {
  /** Fewer rounds and smaller sizes: a look, no figures to quote. */
  readonly quick: boolean;
  /** A new, empty directory, removed at the end. */
  directory(): string;
  /** Of a server that is started for the bench alone; undefined where there is none to start. */
  readonly redisUrl: string | undefined;
  /** Says on stderr what is under way. */
  progress(what: string): void;
}
