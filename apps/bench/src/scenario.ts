import type { Bench } from "./bench.ts";
import type { Table } from "./report/table.ts";

/** One question about speed or size, and the tables that answer it. */
export interface Scenario {
  /** The name for `--only`. */
  readonly id: string;
  /** The measurement, in one line. */
  readonly about: string;
  run(bench: Bench): AsyncIterable<Table>;
}
