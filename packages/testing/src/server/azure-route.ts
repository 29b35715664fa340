import type { IncomingHttpHeaders } from "node:http";
import type { ChatCompletion } from "@remem/core/plugin";
import { isObject, type JsonObject } from "../json.ts";
import { type ErrorReply, isBearer } from "./bad-request.ts";
import type { Route } from "./route.ts";

const DATED = /^\/openai\/deployments\/([^/]+)\/chat\/completions$/;

/** The route of Azure's v1 API, or of a deployment in its dated API. `undefined` for any other path. */
export function azureRouteOf(path: string, query: URLSearchParams): Route | undefined {
  if (path === "/openai/v1/chat/completions") return v1Route;
  const deployment = DATED.exec(path)?.[1];
  if (deployment === undefined) return undefined;
  const model = decodeURIComponent(deployment);
  return {
    ...v1Route,
    precheck: (headers) => (query.get("api-version") ? missingKey(headers) : errorReply(404, "Resource not found")),
    // The dated API ignores the body's own `model`.
    toRequest: (body) => (isObject(body) ? { ...body, model } : body),
  };
}

const v1Route: Route = { precheck: missingKey, toRequest: (body) => body, decorate };

function missingKey({ "api-key": key, authorization }: IncomingHttpHeaders): ErrorReply | undefined {
  if (key || isBearer(authorization)) return undefined;
  return errorReply(401, "Access denied due to invalid subscription key or wrong API endpoint.");
}

function errorReply(status: number, message: string): ErrorReply {
  return { status, body: { error: { code: String(status), message } } };
}

const SAFE = { filtered: false, severity: "safe" };
const CATEGORIES = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE } satisfies JsonObject;

/** Adds the results of a content filter that found nothing. */
function decorate(completion: ChatCompletion): ChatCompletion {
  const jailbreak = { filtered: false, detected: false };
  return {
    ...completion,
    choices: completion.choices.map((choice) => ({ ...choice, content_filter_results: CATEGORIES })),
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: { ...CATEGORIES, jailbreak } }],
  };
}
