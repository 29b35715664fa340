import { serverAddress } from "@remem/openai/plugin";

/** The endpoint of an Azure OpenAI resource. */
export interface Endpoint {
  /** The address of the resource, without the path of an API. */
  readonly resource: string;
  /** Whether to use the v1 API, which has no versions and takes the deployment as `model`. */
  readonly v1: boolean;
}

/** @throws {RememError} with code `INVALID_OPTION` */
export function endpointAt(address: string, where: string): Endpoint {
  const normal = serverAddress(address, { where, option: "endpoint" });
  const resource = normal.replace(/\/openai\/v1$/, "");
  return { resource, v1: resource !== normal };
}

/** The address of a deployment in the dated API. */
export function deploymentAt(resource: string, deployment: string): string {
  return `${resource}/openai/deployments/${encodeURIComponent(deployment)}`;
}
