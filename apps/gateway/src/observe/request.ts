import { IncomingMessage } from "node:http";

/** How a request was answered. A request of no kind that is cached has passed. */
export type RequestOutcome = "hit" | "joined" | "miss" | "reload" | "bypass" | "refused" | "passed";

/** A request, and what is learned about it until it ends, for those who observe it. */
export class GatewayRequest extends IncomingMessage {
  /** Who has sent it. Undefined where tenants are not told apart. */
  tenant: string | undefined = undefined;
  outcome: RequestOutcome | undefined = undefined;
  /** The code of the error that the gateway has answered with. */
  refusal: string | undefined = undefined;
  /** The name of its surface, where anybody asked for it. */
  surface: string | undefined = undefined;
  /** The model that it names, where anybody asked for it. */
  model: string | undefined = undefined;
}

/** Whether a machine asks how the gateway is. Such requests come all the time, and nobody wants to read of them. */
export function isProbe({ url }: GatewayRequest): boolean {
  return url === "/healthz" || url === "/readyz" || url === "/metrics";
}

const REFUSED = /^remem; detail=([\w-]+)$/;

/** Notes how a request was answered, by the `Cache-Status` of its response. */
export function noteOutcome(request: GatewayRequest, cacheStatus: string | null | undefined): void {
  request.outcome = outcomeOf(cacheStatus);
  if (request.outcome === "refused") request.refusal = REFUSED.exec(cacheStatus!)?.[1];
}

function outcomeOf(cacheStatus: string | null | undefined): RequestOutcome {
  if (cacheStatus === "remem; hit") return "hit";
  if (!cacheStatus?.startsWith("remem;")) return "passed";
  if (cacheStatus.includes("collapsed")) return "joined";
  if (cacheStatus.includes("detail=")) return "refused";
  if (cacheStatus.includes("fwd=bypass")) return "bypass";
  return cacheStatus.includes("fwd=request") ? "reload" : "miss";
}
