import type { AskedFor } from "@remem/fetch";
import { GatewayError } from "../errors.ts";
import { createModelList } from "./models.ts";
import type { Tenant } from "./tenant.ts";

/** Lists of models: OpenAI's and Gemini's, and Ollama's. They cost nothing, and reveal nothing about other tenants. */
const LISTS = /\/(?:models(?:\/[^/]+)*|tags)$/;

/** Decides about each request of a tenant. `passing` counts one that is sent past the store. */
export function authorizeFor(
  name: string,
  { models, passThrough = false }: Tenant,
  passing: () => Promise<void>,
): (asked: AskedFor) => void | Promise<void> {
  const mayAsk = models === undefined ? () => true : createModelList(models);
  const tenant = `the tenant ${JSON.stringify(name)}`;
  return ({ method, url, model, passes, surface }) => {
    const isReading = method === "GET" || method === "HEAD";
    if (passes !== undefined && isReading && LISTS.test(url.pathname)) return undefined;
    if (passes !== undefined && !passThrough) {
      const problem = `${tenant} may send no request that is not cached, unless its \`passThrough\` is true. This one is not: ${passes}.`;
      throw new GatewayError(403, "not_cached", problem);
    }
    if (models !== undefined && !isReading) {
      if (model === undefined && surface === undefined)
        throw new GatewayError(
          403,
          "model_not_allowed",
          `${tenant} may use only listed models, and this request names no model.`,
        );
      if (model === undefined || !mayAsk(model))
        throw new GatewayError(403, "model_not_allowed", `${tenant} may not use the model ${JSON.stringify(model)}.`);
    }
    return passes === undefined ? undefined : passing();
  };
}
