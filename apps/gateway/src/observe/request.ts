import { IncomingMessage } from "node:http";

/** How a request was answered. `"passed"`: requests of this kind are not cached. */
export type RequestOutcome = "hit" | "joined" | "miss" | "reload" | "bypass" | "refused" | "passed";

/** A request, and the facts about it until it ends, for observers. */
export class GatewayRequest extends IncomingMessage {
  /** The tenant that has sent it. Undefined without tenants. */
  tenant: string | undefined = undefined;
  outcome: RequestOutcome | undefined = undefined;
  /** The code of the error that the gateway has answered with. */
  refusal: string | undefined = undefined;
  /** The name of its surface, if an observer needs it. */
  surface: string | undefined = undefined;
  /** The model that it names, if an observer needs it. */
  model: string | undefined = undefined;
}

/** Whether this is a health check. Health checks are frequent, and only fill a log. */
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
