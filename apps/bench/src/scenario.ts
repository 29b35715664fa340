import type { Bench } from "./bench.ts";
import type { Table } from "./report/table.ts";

/** One question about speed or size, and the tables that answer it. */
export interface Scenario {
  /** What `--only` names. */
  readonly id: string;
  /** What it measures, in a line. */
  readonly about: string;
  run(bench: Bench): AsyncIterable<Table>;
}
