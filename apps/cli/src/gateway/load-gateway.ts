import { loadInstalled } from "../packages/load-installed.ts";

/** Loads the gateway. */
export async function loadGateway(): Promise<typeof import("@remem/gateway")> {
  return (await loadInstalled("@remem/gateway")) as typeof import("@remem/gateway");
}
