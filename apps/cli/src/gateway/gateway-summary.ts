import { dollars, number } from "../progress/figures.ts";
import { type Row, rowsOf, table } from "../progress/summary.ts";
import type { GatewayOutcome } from "./outcome.ts";

/** Formats the outcome of a gateway. */
export function gatewaySummary({ gateway, paid, saved, unpriced }: GatewayOutcome, elapsedMs: number): string {
  const { requests, passedThrough, unreachable, cache: stats } = gateway;
  if (requests + gateway.unauthorized === 0) return "remem: no request has come to the gateway";
  const cost = { dollars: () => paid.dollars, unknown: () => new Map(Object.entries(unpriced)) };
  const others: Row[] = [
    ["requests", number(requests)],
    ["passed through", passedThrough === 0 ? undefined : `${number(passedThrough)}, which are not cached`],
    ["refused", refusedText(gateway)],
    ["unreachable", unreachable === 0 ? undefined : number(unreachable)],
  ];
  const rows = rowsOf({ stats, cost, elapsedMs });
  const savedRow: Row = [
    "cost saved",
    saved.dollars === undefined ? undefined : `${dollars(saved.dollars)} by list prices`,
  ];
  return table([...others, ...rows.slice(0, -1), savedRow, ...rows.slice(-1)]);
}

function refusedText({ refused, unauthorized }: GatewayOutcome["gateway"]): string | undefined {
  const parts = [
    refused > 0 && `${number(refused)}, not stored or beyond a limit`,
    unauthorized > 0 && `${number(unauthorized)} without a token`,
  ];
  return parts.filter(Boolean).join("; ") || undefined;
}
