import type { Table } from "./table.ts";

/** The contents of the file that `--out` names. */
export interface Results {
  readonly machine: readonly string[];
  /** Year, month and day, in UTC. */
  readonly date: string;
  /** Names and versions. */
  readonly peers: readonly string[];
  readonly tables: readonly Table[];
}
