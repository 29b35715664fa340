import type { GatewayStats } from "@remem/gateway";
import type { Tally } from "../journal/tally.ts";
import { dollars, number } from "../progress/figures.ts";
import { type Row, rowsOf, table } from "../progress/summary.ts";

interface Outcome {
  readonly gateway: GatewayStats;
  readonly tally: Tally;
  readonly elapsedMs: number;
}

/** Formats what a gateway has done. */
export function gatewaySummary({ gateway, tally, elapsedMs }: Outcome): string {
  const { requests, passedThrough, unreachable, unauthorized, cache: stats } = gateway;
  if (requests + unauthorized === 0) return "remem: no request has come to the gateway";
  const { paid, saved } = tally.total;
  const unpriced = [...tally.byModel].map(([model, sum]) => [model, sum.paid.unpriced] as const);
  const cost = {
    dollars: () => paid.dollars,
    unknown: () => new Map(unpriced.filter(([, count]) => count > 0)),
  };
  const others: Row[] = [
    ["requests", number(requests)],
    ["passed through", passedThrough === 0 ? undefined : `${number(passedThrough)}, which are not cached`],
    ["refused", unauthorized === 0 ? undefined : `${number(unauthorized)} without a token`],
    ["unreachable", unreachable === 0 ? undefined : number(unreachable)],
  ];
  const rows = rowsOf({ stats, cost, elapsedMs });
  const savedRow: Row = [
    "cost saved",
    saved.dollars === undefined ? undefined : `${dollars(saved.dollars)} by list prices`,
  ];
  return table([...others, ...rows.slice(0, -1), savedRow, ...rows.slice(-1)]);
}
