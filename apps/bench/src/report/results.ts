import type { Table } from "./table.ts";

/** What `--out` writes. */
export interface Results {
  readonly machine: readonly string[];
  /** Year, month and day, in UTC. */
  readonly date: string;
  /** With their versions. */
  readonly peers: readonly string[];
  readonly tables: readonly Table[];
}
