import { fingerprint } from "@remem/core/plugin";
import type { HeaderLookup } from "../request/plain-request.ts";

/** OpenAI's own endpoint, which has no scope. */
const OPENAI = "https://api.openai.com/v1";

const AZURE_HOST = /\.azure\.(?:com|us|cn)$/;
const DEPLOYMENT = /^(.*)\/openai\/deployments\/([^/]+)$/;

/**
 * Separates models of the same name by their server: the address without the surface's own path, query and credentials. Azure's
 * APIs share the scope of their resource if `model` names the deployment.
 */
export function scopeOf(url: URL, path: string, model?: unknown): string | undefined {
  const base = url.pathname.slice(0, -path.length).replace(/\/+$/, "");
  const [, resource, deployment] = DEPLOYMENT.exec(base) ?? [];
  if (deployment !== undefined) {
    return decoded(deployment) === model ? `${url.origin}${resource}` : `${url.origin}${base}`;
  }
  if (AZURE_HOST.test(url.hostname)) return `${url.origin}${base.replace(/\/openai(?:\/v1)?$/, "")}`;
  const scope = `${url.origin}${base}`;
  return scope === OPENAI ? undefined : scope;
}

/** The deployment that an address of Azure names. */
export function deploymentIn(url: URL, path: string): string | undefined {
  const deployment = DEPLOYMENT.exec(url.pathname.slice(0, -path.length))?.[2];
  return deployment === undefined ? undefined : decoded(deployment);
}

/** A segment of a path as its server reads it. */
export function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Headers that identify the caller's account. */
const OF_THE_ACCOUNT = [
  "authorization",
  "api-key",
  "x-api-key",
  "x-goog-api-key",
  "openai-organization",
  "openai-project",
];

/**
 * The account that a server limits, and keeps answers for. In Azure it is the resource for all callers, and a token lives only
 * for an hour.
 */
export function accountOf({ hostname }: URL, headers: HeaderLookup): string {
  const names = AZURE_HOST.test(hostname) ? [] : OF_THE_ACCOUNT;
  const values = names.map((name) => headers.get(name) ?? "");
  return `account ${fingerprint(values.join("\n"))}`;
}
