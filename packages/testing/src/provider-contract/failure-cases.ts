import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { inspect } from "node:util";
import type { ReceivedRequest } from "../completions-server.ts";
import { NotApplicable } from "../contract.ts";
import type { Fault } from "../fault.ts";
import { type Harness, inParallel } from "./harness.ts";

/** Both headers, so that the cases are fast with providers that know only one. */
const RETRY_AT_ONCE = { "retry-after-ms": "1", "retry-after": "0" };

export const failureCases = {
  async "turns an HTTP error into a ProviderError with status, cause and `retryable`"({
    open,
  }: Harness): Promise<void> {
    for (const status of [400, 401, 403, 404, 422, 429, 500]) {
      const { provider, failure } = await open([{ status }]);
      const error = await failure();
      assert.equal(error.status, status);
      assert.equal(error.code, "PROVIDER_ERROR");
      assert.equal(error.provider, provider.id);
      assert.equal(error.retryable, status === 429 || status === 500, `Whether a ${status} is \`retryable\``);
      assert.notEqual(error.cause, undefined, `The error for a ${status} has no \`cause\`.`);
    }
  },

  async "keeps secrets out of errors"({ open }: Harness): Promise<void> {
    const { server, answer, failure } = await open();
    await answer();
    const secrets = secretsIn(server.requests[0]?.headers ?? {});
    const message = `Incorrect API key provided: ${secrets.join(" and ")}.`;
    const body = { error: { message, type: "invalid_request_error", param: message, code: message } };
    const faults: Fault[] = [
      { status: 401, body, headers: { "x-echo": message } },
      { status: 500, body: message },
      { body },
      { body: message, headers: { "content-type": "text/plain" } },
    ];
    for (const fault of faults) {
      server.script([fault]);
      const error = await failure();
      const printed = [
        String(error),
        error.stack,
        JSON.stringify(error),
        inspect(error, { depth: 12, showHidden: true }),
      ];
      for (const secret of secrets) {
        // The message leaves out the printed text, which would put the key into a log.
        assert.ok(
          !printed.some((text) => text?.includes(secret)),
          `The error after a ${fault.status ?? 200} contains the key.`,
        );
      }
    }
  },

  async "sends neither prompt nor key to the target of a redirect"({ open }: Harness): Promise<void> {
    const elsewhere = await open();
    const location = `${elsewhere.server.baseURL}/chat/completions`;
    for (const status of [307, 308]) {
      const error = await (await open([{ status, headers: { location } }])).failure();
      assert.equal(elsewhere.server.calls, 0, `It followed a ${status} to another server.`);
      assert.equal(error.status, status);
    }
  },

  async "retries after 408, 409, 429 and 5xx, up to `maxRetries` times"({ open }: Harness): Promise<void> {
    await inParallel([408, 409, 429, 500, 503, 529], async (status) => {
      const failing = { status, headers: RETRY_AT_ONCE };
      const patient = await open([failing, failing], { maxRetries: 2 });
      await patient.answer();
      assert.equal(patient.server.calls, 3);

      const { server, failure } = await open([failing, failing, failing], { maxRetries: 1 });
      assert.equal((await failure()).status, status);
      assert.equal(server.calls, 2, `Expected two attempts after a ${status}, not ${server.calls}.`);
    });
  },

  async "retries when the connection is reset"({ open }: Harness): Promise<void> {
    await inParallel(["headers", "body"] as const, async (reset) => {
      const patient = await open([{ reset }], { maxRetries: 1 });
      await patient.answer();
      assert.equal(patient.server.calls, 2);

      const error = await (await open([{ reset }])).failure();
      assert.deepEqual([error.status, error.retryable], [undefined, true]);
    });
  },

  async "does not retry after another 4xx"({ open }: Harness): Promise<void> {
    for (const status of [400, 401, 403, 404, 413, 422]) {
      const { server, failure } = await open([{ status, headers: RETRY_AT_ONCE }], { maxRetries: 2 });
      assert.equal((await failure()).status, status);
      assert.equal(server.calls, 1, `Expected one attempt after a ${status}, not ${server.calls}.`);
    }
  },

  async "obeys x-should-retry, both ways"({ open }: Harness): Promise<void> {
    const yes = await open([{ status: 400, headers: { ...RETRY_AT_ONCE, "x-should-retry": "true" } }], {
      maxRetries: 1,
    });
    await yes.answer();
    const no = await open([{ status: 500, headers: { ...RETRY_AT_ONCE, "x-should-retry": "false" } }], {
      maxRetries: 1,
    });
    assert.equal((await no.failure()).status, 500);
    assert.equal(no.server.calls, 1);
  },

  async "gives up at once when a Retry-After exceeds the caller's `remainingMs`"({ open }: Harness): Promise<void> {
    const limits = { timeoutMs: 60_000, maxRetries: 1 };
    const remainingMs = (): number => 1_000;
    const late = await open([{ status: 429, headers: { "retry-after": "30" } }], limits);
    assert.equal((await late.failure({ remainingMs })).status, 429);
    assert.equal(late.server.calls, 1);
    await (await open([{ status: 429, headers: RETRY_AT_ONCE }], limits)).answer({ remainingMs });
  },

  async "recovers after a failed call"({ open }: Harness): Promise<void> {
    const faults: Fault[] = [{ status: 500 }, { reset: "headers" }, { body: '{"choi' }, { body: { error: "gone" } }];
    const { server, failure, answer } = await open();
    for (const fault of faults) {
      server.script([fault]);
      await failure();
      await answer();
    }
    assert.equal(server.calls, 2 * faults.length);
  },
};

/** The credentials of a request, without the scheme. */
function secretsIn(headers: ReceivedRequest["headers"]): string[] {
  const { authorization, "api-key": key } = headers as IncomingHttpHeaders;
  const secrets = [authorization, key].flat().flatMap((value) => value?.split(" ").at(-1) ?? []);
  // A shorter key may be part of any other text.
  if (secrets.some((secret) => secret.length < 8)) throw new NotApplicable("the key has less than 8 characters");
  return secrets;
}
