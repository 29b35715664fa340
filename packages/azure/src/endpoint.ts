import { serverAddress } from "@remem/openai";

/** Where a resource of Azure OpenAI answers. */
export interface Endpoint {
  /** The resource itself, whichever of its APIs was named. */
  readonly resource: string;
  /** Whether it is the v1 API, which knows no versions and takes the deployment as `model`. */
  readonly v1: boolean;
}

/** @throws {RememError} with code `INVALID_OPTION` */
export function endpointAt(address: string): Endpoint {
  const normal = serverAddress(address, { where: "azureProvider", option: "endpoint" });
  const resource = normal.replace(/\/openai\/v1$/, "");
  return { resource, v1: resource !== normal };
}

/** The address of one deployment, in the dated API. */
export function deploymentAt(resource: string, deployment: string): string {
  return `${resource}/openai/deployments/${encodeURIComponent(deployment)}`;
}
