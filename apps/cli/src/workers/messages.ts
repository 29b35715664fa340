import type { MetricSamples } from "@remem/gateway";
import type { Announcement } from "../gateway/announcement.ts";
import type { GatewayOutcome } from "../gateway/outcome.ts";

/** The metrics of each process of a gateway. */
export type Gathered = ReadonlyArray<readonly MetricSamples[]>;

/** The messages of a worker to its primary. */
export type FromWorker =
  /** It accepts requests. */
  | ({ readonly type: "listening" } & Announcement)
  /** It was asked for the metrics of all workers. */
  | { readonly type: "gather"; readonly id: number }
  /** Its own metrics. */
  | { readonly type: "samples"; readonly id: number; readonly samples: readonly MetricSamples[] }
  /** It has answered its last request. */
  | { readonly type: "ended"; readonly outcome: GatewayOutcome };

/** The messages of a primary to its workers. */
export type FromPrimary =
  | { readonly type: "stop" }
  | { readonly type: "samples?"; readonly id: number }
  | { readonly type: "gathered"; readonly id: number; readonly processes: Gathered };
