import assert from "node:assert/strict";
import { InvalidRequestError, type JsonObject } from "@remem/core/plugin";
import { brief, type CaseContext, throughJson, UNKNOWN_MEMBER } from "./context.ts";

export const requestCases = {
  async "declares specVersion 1 and a name"({ surface }: CaseContext): Promise<void> {
    assert.equal(surface.specVersion, 1, "`specVersion` must be 1.");
    assert.ok(typeof surface.name === "string" && surface.name !== "", "`name` must be a non-empty string.");
  },

  async "check accepts the example requests"({ surface, examples }: CaseContext): Promise<void> {
    for (const { request } of examples) surface.check(throughJson(request));
  },

  async "check accepts an unknown member"({ surface, examples }: CaseContext): Promise<void> {
    for (const { request } of examples) {
      for (const value of [1.5, "x", null, { deep: [true] }]) {
        surface.check(throughJson({ ...request, [UNKNOWN_MEMBER]: value }));
      }
    }
  },

  async "check refuses the invalid requests with an InvalidRequestError"({
    surface,
    invalidRequests,
  }: CaseContext): Promise<void> {
    for (const request of invalidRequests) {
      const error = errorOf(() => surface.check(throughJson(request)));
      assert.ok(error !== undefined, `check accepts ${brief(request)}.`);
      assert.ok(InvalidRequestError.is(error), `check threw ${error} instead of an InvalidRequestError.`);
    }
  },

  async "check changes no request"({ surface, examples, invalidRequests }: CaseContext): Promise<void> {
    const requests: readonly JsonObject[] = [...examples.map(({ request }) => request), ...invalidRequests];
    for (const request of requests) {
      const checked = throughJson({ ...request, [UNKNOWN_MEMBER]: null });
      errorOf(() => surface.check(checked));
      assert.deepEqual(checked, throughJson({ ...request, [UNKNOWN_MEMBER]: null }), "check changed its request.");
    }
  },
};

function errorOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
