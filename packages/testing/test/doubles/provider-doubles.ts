import { type ChatCompletion, type ChatRequest, type LLMProvider, ProviderError } from "@remem/core";
import type { CreateOptions, ProviderContractCase } from "../../src/index.ts";
import type { deferredCases } from "../../src/provider-contract/deferred-cases.ts";
import type { streamCases } from "../../src/provider-contract/stream-cases.ts";
import { KEY } from "./reference-deferred.ts";
import { type Parts, referenceProvider } from "./reference-provider.ts";

/** The reference provider with one promise broken, and what the case reports about it. */
export interface Double {
  readonly broken: string;
  readonly create: Create;
  readonly says: string | RegExp;
}

type Create = (options: CreateOptions) => LLMProvider;
type Fetch = typeof fetch;

export const DOUBLES: Readonly<
  Record<Exclude<ProviderContractCase, keyof typeof streamCases | keyof typeof deferredCases>, readonly Double[]>
> = {
  "declares specVersion 1 and an id": [
    { broken: "another version", create: declaring({ specVersion: 2 as 1 }), says: "`specVersion` must be 1." },
    { broken: "no id", create: declaring({ id: "" }), says: "`id` must be" },
    { broken: "an empty scope", create: declaring({ scope: "" }), says: "`scope` must be" },
  ],
  "sends nothing when it is created": [
    { broken: "asks for the list of models", create: curious, says: "before the first call" },
  ],
  "sends every parameter by its wire name, unchanged": [
    { broken: "drops a null", create: sending(({ seed: _, ...rest }) => rest), says: "deep-equal" },
    {
      broken: "drops an unknown parameter",
      create: sending(({ unheard_of: _, ...rest }) => rest),
      says: "deep-equal",
    },
    {
      broken: "renames a parameter",
      create: sending(({ max_tokens = 1, ...rest }) => ({ ...rest, max_completion_tokens: max_tokens })),
      says: "deep-equal",
    },
    {
      broken: "changes a value",
      create: sending((request) => ({ ...request, temperature: 0.01 })),
      says: "deep-equal",
    },
    {
      broken: "drops a member of a message",
      create: sending((request) => ({ ...request, messages: request.messages.map(({ name: _, ...rest }) => rest) })),
      says: "deep-equal",
    },
    {
      broken: "sends it twice",
      create: changing(async (generate, request, context) => {
        await generate(request, context);
        return generate(request, context);
      }),
      says: "Expected one request, not 2",
    },
  ],
  "adds only documented members to the body": [
    {
      broken: "adds defaults",
      create: sending((request) => ({ temperature: 0, stream: false, ...request })),
      says: "It adds temperature, stream to the body.",
    },
  ],
  "does not change its request": [
    {
      broken: "takes a parameter out",
      create: changing((generate, request, context) => {
        Reflect.deleteProperty(request, "seed");
        return generate(request, context);
      }),
      says: "deep-equal",
    },
    {
      broken: "changes a message once it has the answer",
      create: changing(async (generate, request, context) => {
        const completion = await generate(request, context);
        Object.assign(request.messages[0] ?? {}, { sent: true });
        return completion;
      }),
      says: "deep-equal",
    },
  ],
  "keeps unknown members of an answer": [
    {
      broken: "strips the answer",
      create: answering(({ id, model, created, choices }) => ({ id, model, created, choices })),
      says: "deep-equal",
    },
    {
      broken: "strips a message",
      create: answering(({ choices, ...rest }) => ({
        ...rest,
        choices: choices.map(({ message: { role, content }, ...choice }) => ({
          ...choice,
          message: { role, content },
        })),
      })),
      says: "deep-equal",
    },
  ],
  "refuses an answer without choices": [
    {
      broken: "accepts an empty list",
      create: made({ problemOf: (body) => (body?.choices ? undefined : "no choices") }),
      says: "not the answer",
    },
    {
      broken: "refuses only an empty list",
      create: made({ problemOf: (body) => (String(body?.choices) === "" ? "no choices" : undefined) }),
      says: "not the answer",
    },
  ],
  "refuses an answer that is HTML": [
    { broken: "takes it for an answer in text", create: fetching(readingPages), says: "not the answer" },
  ],
  "refuses an answer that is half JSON": [
    {
      broken: "lets the SyntaxError through",
      create: failing(({ message }) => new SyntaxError(message)),
      says: "not SyntaxError",
    },
  ],
  "refuses an error in a 200, even beside choices": [
    { broken: "takes it for an answer", create: made({ problemOf: () => undefined }), says: "not the answer" },
    {
      broken: "checks only the choices",
      create: made({ problemOf: (body) => (body?.choices ? undefined : "no choices") }),
      says: "not the answer",
    },
  ],
  "turns an HTTP error into a ProviderError with status, cause and `retryable`": [
    {
      broken: "a plain Error",
      create: failing(({ message }) => new Error(message)),
      says: "not Error: It answered 400",
    },
    { broken: "no status", create: failing(remade({ status: undefined })), says: "undefined" },
    { broken: "no cause", create: failing(remade({ cause: undefined })), says: "has no `cause`" },
    { broken: "always retryable", create: failing(remade({ retryable: true })), says: "Whether a 400" },
    { broken: "never retryable", create: failing(remade({ retryable: false })), says: "Whether a 429" },
    { broken: "another code", create: failing(remade({ code: "MALFORMED_ANSWER" })), says: "MALFORMED_ANSWER" },
    { broken: "another provider", create: declaring({ id: "other" }), says: "'other'" },
  ],
  "keeps secrets out of errors": [
    {
      broken: "repeats the server's message",
      create: made({ redact: (text) => text }),
      says: "error after a 401 contains the key",
    },
    {
      broken: "repeats it in a member that only consoles print",
      create: failing((error) =>
        Object.defineProperty(error, "headers", { value: { authorization: `Bearer ${KEY}` } }),
      ),
      says: "error after a 401 contains the key",
    },
    {
      broken: "repeats a malformed answer",
      create: failing((error) => (error.status === 200 ? new ProviderError(KEY, { provider: "reference" }) : error)),
      says: "error after a 200 contains the key",
    },
  ],
  "sends neither prompt nor key to the target of a redirect": [
    {
      broken: "leaves it to fetch",
      create: fetching((fetch) => (input, init) => fetch(input, { ...init, redirect: "follow" })),
      says: "It followed a 307",
    },
    {
      broken: "follows it by hand, with the key",
      create: fetching(followingByHand),
      says: "not the answer",
    },
    { broken: "omits the status", create: failing(remade({ status: undefined })), says: "undefined" },
  ],
  "retries after 408, 409, 429 and 5xx, up to `maxRetries` times": [
    ...[408, 409, 429, 500, 503, 529].map((status) => ({
      broken: `does not retry after ${status}`,
      create: retrying((response) => (response.status === status ? "false" : undefined)),
      says: "Expected an answer",
    })),
    {
      broken: "retries once too few",
      create: limited(({ maxRetries }) => ({ maxRetries: maxRetries - 1 })),
      says: "Expected an answer",
    },
    {
      broken: "retries once too many",
      create: limited(({ maxRetries }) => ({ maxRetries: maxRetries + 1 })),
      says: "Expected two attempts",
    },
  ],
  "retries when the connection is reset": [
    { broken: "does not retry before the headers", create: fetching(givingUp), says: "Expected an answer" },
    { broken: "does not retry within the body", create: fetching(givingUpOnBodies), says: "Expected an answer" },
    { broken: "reports it as not retryable", create: failing(remade({ retryable: false })), says: "deep-equal" },
  ],
  "does not retry after another 4xx": [400, 401, 403, 404, 413, 422].map((status) => ({
    broken: `retries after ${status}`,
    create: retrying((response) => (response.status === status ? "true" : undefined)),
    says: "not the answer",
  })),
  "obeys x-should-retry, both ways": [
    {
      broken: 'ignores "true"',
      create: retrying(({ headers }) => (headers.get("x-should-retry") === "true" ? null : undefined)),
      says: "Expected an answer",
    },
    {
      broken: 'ignores "false"',
      create: retrying(({ headers }) => (headers.get("x-should-retry") === "false" ? null : undefined)),
      says: "not the answer",
    },
  ],
  "gives up at once when a Retry-After exceeds the caller's `remainingMs`": [
    {
      broken: "sleeps through it",
      create: changing((generate, request, { signal }) => generate(request, { signal })),
      says: "took longer than 4500 ms",
    },
    {
      broken: "never retries for a caller with a budget",
      create: changing((generate, request, { signal }) => generate(request, { signal, remainingMs: () => 0 })),
      says: "Expected an answer",
    },
  ],
  "recovers after a failed call": [
    { broken: "remembers the failure", create: remembering("failure"), says: "Expected an answer" },
    { broken: "remembers the answer", create: remembering("answer"), says: "not the answer" },
  ],
  "keeps its time limit when the server never answers": [
    { broken: "has no limit", create: limited(() => ({ timeoutMs: 60_000 })), says: "took longer than 4500 ms" },
    { broken: "does not report the timeout", create: failing(remade({})), says: "PROVIDER_TIMEOUT" },
  ],
  "keeps its time limit when the body stalls": [
    { broken: "limits only the headers", create: fetching(listeningUntilHeaders), says: "took longer than 4500 ms" },
  ],
  "sends nothing when the signal was aborted before the call": [
    { broken: "ignores the signal", create: deaf, says: "An aborted call must reject" },
    {
      broken: "checks the signal afterwards",
      create: changing(async (generate, request, { signal }) => {
        await generate(request, { signal: new AbortController().signal });
        throw signal.reason;
      }),
      says: "It sent a request although no caller is left",
    },
    { broken: "wraps the reason", create: failing(remade({})), says: "the signal's reason, not ProviderError" },
  ],
  "stops at once when it is aborted while the server is silent": [
    { broken: "ignores the signal", create: deaf, says: "Stopping after the abort took longer" },
    { broken: "wraps the reason", create: failing(remade({})), says: "the signal's reason, not ProviderError" },
    {
      broken: "rejects with its own error",
      create: failing(() => new DOMException("This operation was aborted", "AbortError")),
      says: "the signal's reason, not DOMException",
    },
  ],
  "stops at once when it is aborted while the body stalls": [
    {
      broken: "listens only until the headers",
      create: fetching(listeningUntilHeaders),
      says: "Stopping after the abort took longer",
    },
  ],
  "stops at once when it is aborted between two attempts": [
    {
      broken: "sleeps on",
      create: made({ sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }),
      says: "Stopping after the abort took longer",
    },
    { broken: "does not wait at all", create: made({ sleep: async () => {} }), says: "An aborted call must reject" },
  ],
};

function declaring(members: Partial<LLMProvider>): Create {
  return (options) => ({ ...referenceProvider(options), ...members });
}

function made(parts: Partial<Parts>): Create {
  return (options) => referenceProvider(options, parts);
}

function limited(change: (options: CreateOptions) => Partial<CreateOptions>): Create {
  return (options) => referenceProvider({ ...options, ...change(options) });
}

function fetching(change: (fetch: Fetch) => Fetch): Create {
  return limited(({ fetch }) => ({ fetch: change(fetch) }));
}

/** Changes the server's `x-should-retry`; null removes it. */
function retrying(verdict: (response: Response) => string | null | undefined): Create {
  return fetching((fetch) => async (...request) => {
    const response = await fetch(...request);
    const changed = verdict(response);
    if (changed === undefined) return response;
    const headers = new Headers(response.headers);
    headers.delete("x-should-retry");
    if (changed !== null) headers.set("x-should-retry", changed);
    return new Response(response.body, { status: response.status, headers });
  });
}

function changing(
  change: (generate: LLMProvider["generate"], ...call: Parameters<LLMProvider["generate"]>) => Promise<ChatCompletion>,
): Create {
  return (options) => {
    const { generate, ...rest } = referenceProvider(options);
    return { ...rest, generate: (request, context) => change(generate, request, context) };
  };
}

function sending(change: (request: ChatRequest) => { readonly [member: string]: unknown }): Create {
  return changing((generate, request, context) => generate(change(request) as ChatRequest, context));
}

function answering(change: (completion: ChatCompletion) => ChatCompletion): Create {
  return changing(async (generate, request, context) => change(await generate(request, context)));
}

function failing(change: (error: ProviderError) => Error): Create {
  return changing((generate, request, context) =>
    generate(request, context).catch((error) => {
      throw change(error);
    }),
  );
}

type Facts = ConstructorParameters<typeof ProviderError>[1];

function remade(changes: Partial<Facts>): (error: ProviderError) => ProviderError {
  return ({ message, status, retryable, cause }) =>
    new ProviderError(message, { provider: "reference", status, retryable, cause, ...changes });
}

function deaf(options: CreateOptions): LLMProvider {
  return changing((generate, request) => generate(request, { signal: new AbortController().signal }))(options);
}

function curious(options: CreateOptions): LLMProvider {
  options.fetch(`${options.baseURL}/models`).catch(() => {});
  return referenceProvider(options);
}

function remembering(outcome: "answer" | "failure"): Create {
  return (options) => {
    const { generate, ...rest } = referenceProvider(options);
    let known: Promise<ChatCompletion> | undefined;
    return {
      ...rest,
      async generate(request, context) {
        const call = known ?? generate(request, context);
        const [{ status }] = await Promise.allSettled([call]);
        if (status === (outcome === "answer" ? "fulfilled" : "rejected")) known = call;
        return call;
      },
    };
  };
}

function readingPages(fetch: Fetch): Fetch {
  return async (...request) => {
    const response = await fetch(...request);
    if (response.headers.get("content-type") !== "text/html") return response;
    return Response.json({ choices: [{ message: { role: "assistant", content: await response.text() } }] });
  };
}

function givingUp(fetch: Fetch): Fetch {
  return (...request) => fetch(...request).catch(lost);
}

function givingUpOnBodies(fetch: Fetch): Fetch {
  return async (...request) => {
    const response = await fetch(...request);
    return new Response(await response.text().catch(lost), response);
  };
}

function followingByHand(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    return fetch(response.headers.get("location") ?? input, init);
  };
}

function lost(cause: unknown): never {
  throw new ProviderError("No answer arrived.", { provider: "reference", retryable: true, cause });
}

function listeningUntilHeaders(fetch: Fetch): Fetch {
  return async (input, init = {}) => {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    init.signal?.addEventListener("abort", abort);
    try {
      return await fetch(input, { ...init, signal: controller.signal });
    } finally {
      init.signal?.removeEventListener("abort", abort);
    }
  };
}
