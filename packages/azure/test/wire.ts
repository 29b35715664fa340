import { inspect } from "node:util";
import { type ChatRequest, ProviderError, RememError } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault, providerContract } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AzureChatCompletion, type AzureProviderOptions, azureProvider } from "../src/index.ts";
import { API_KEY, API_VERSION, endpointOf, TOKEN, VARIANTS, v1EndpointOf } from "./variants.ts";

const request: ChatRequest = { model: "chat", messages: [{ role: "user", content: "Why?" }] };

/** Short enough for a test; some versions read 0 as "use the default". */
const SOON = { "retry-after-ms": "1" };

/** Tests requests and answers on the wire, which must be the same with every major version of the SDK. */
export function testOnTheWire(sdk: 6 | 7): void {
  let server: CompletionsServer;
  beforeEach(async () => {
    for (const name of Object.keys(process.env)) if (/OPENAI/.test(name)) vi.stubEnv(name, undefined);
    server = await completionsServer();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });

  describe.each(VARIANTS)("azureProvider keeps the contract of a provider through %s:", (_, optionsFor) => {
    const cases = providerContract({
      create: ({ baseURL, ...rest }) => azureProvider({ ...optionsFor({ baseURL }), ...rest }),
    });
    for (const { name, run } of cases) test(name, run);
  });

  function dated(options: AzureProviderOptions = {}): AzureProviderOptions {
    return { endpoint: endpointOf(server), apiVersion: API_VERSION, maxRetries: 0, ...options };
  }
  function ask(options: AzureProviderOptions, { model = "chat", signal = new AbortController().signal } = {}) {
    return azureProvider(options).generate({ ...request, model }, { signal });
  }
  async function failure(options: AzureProviderOptions, faults: readonly Fault[] = []): Promise<ProviderError> {
    server.script(faults);
    const error = await ask(options).catch((error: unknown) => error);
    expect(RememError.is(error), inspect(error)).toBe(true);
    return error as ProviderError;
  }

  test(`openai ${sdk} sends the requests`, async () => {
    await ask(dated({ apiKey: API_KEY }));
    expect(server.requests[0]?.headers["x-stainless-package-version"]).toMatch(new RegExp(`^${sdk}\\.`));
  });

  describe("the address", () => {
    test("names the request's model and the version", async () => {
      await ask(dated({ apiKey: API_KEY }));
      const [received] = server.requests;
      expect(received?.url).toBe("/openai/deployments/chat/chat/completions?api-version=2024-10-21");
      expect(received?.body).toEqual(request);
    });

    test("names `deployment` if it is set, and the body keeps the request's model", async () => {
      await ask(dated({ apiKey: API_KEY, deployment: "eu-chat" }));
      const [received] = server.requests;
      expect(received?.url).toMatch("/openai/deployments/eu-chat/chat/completions?");
      expect(received?.body).toEqual(request);
    });

    test("has the deployment as a single segment, whatever characters it contains", async () => {
      const name = "team/chat 4?v=1#ü%2F";
      expect(await ask(dated({ apiKey: API_KEY, deployment: name }))).toMatchObject({ model: name });
      expect(await ask(dated({ apiKey: API_KEY }), { model: name })).toMatchObject({ model: name });
      const segment = "team%2Fchat%204%3Fv%3D1%23%C3%BC%252F";
      for (const { url } of server.requests) expect(url).toMatch(`/openai/deployments/${segment}/chat/completions?`);
    });

    test("is that of the v1 API if the endpoint ends with it, without a version and with the model in the body", async () => {
      vi.stubEnv("OPENAI_API_VERSION", API_VERSION);
      await ask({ endpoint: v1EndpointOf(server), apiKey: API_KEY });
      const [received] = server.requests;
      expect(received?.url).toBe("/openai/v1/chat/completions");
      expect(received?.body).toEqual(request);
    });

    test("is that of the v1 API with a version and a deployment if they are set", async () => {
      const options = { endpoint: v1EndpointOf(server), apiKey: API_KEY };
      await ask({ ...options, apiVersion: "preview", deployment: "eu-chat" });
      const [received] = server.requests;
      expect(received?.url).toBe("/openai/v1/chat/completions?api-version=preview");
      expect(received?.body).toEqual({ ...request, model: "eu-chat" });
    });
  });

  describe("the environment", () => {
    test("provides what no option sets", async () => {
      vi.stubEnv("AZURE_OPENAI_ENDPOINT", endpointOf(server));
      vi.stubEnv("OPENAI_API_VERSION", "2025-01-01-preview");
      vi.stubEnv("AZURE_OPENAI_API_KEY", API_KEY);
      await ask({});
      const [received] = server.requests;
      expect(received?.url).toMatch(/\?api-version=2025-01-01-preview$/);
      expect(received?.headers).toMatchObject({ "api-key": API_KEY });
      expect(received?.headers).not.toHaveProperty("authorization");
    });

    const key = { apiKey: "key-by-option" };
    const token = { azureADTokenProvider: async () => "token-by-option" };
    const envKey = { AZURE_OPENAI_API_KEY: "key-by-variable" };
    const envToken = { AZURE_OPENAI_AD_TOKEN: "token-by-variable" };
    test.each<[string, Readonly<Record<string, string>>, AzureProviderOptions, string]>([
      ["the option `apiKey`", { ...envKey, ...envToken }, key, "key-by-option"],
      ["the option `azureADTokenProvider`", { ...envKey, ...envToken }, token, "Bearer token-by-option"],
      ["AZURE_OPENAI_AD_TOKEN", { ...envKey, ...envToken }, {}, "Bearer token-by-variable"],
      ["AZURE_OPENAI_API_KEY", { ...envKey, AZURE_OPENAI_AD_TOKEN: "" }, {}, "key-by-variable"],
    ])(
      "yields to options, and its token takes precedence over its key: %s is sent",
      async (_, environment, options, signature) => {
        for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
        await ask(dated(options));
        const { authorization, "api-key": apiKey } = server.requests[0]?.headers ?? {};
        expect([authorization, apiKey].filter((header) => header !== undefined)).toEqual([signature]);
      },
    );

    test.each(VARIANTS)(
      "leaks nothing of OpenAI's to Azure, and sends nothing to OpenAI, through %s",
      async (_, optionsFor) => {
        await using openai = await completionsServer();
        vi.stubEnv("OPENAI_BASE_URL", openai.baseURL);
        for (const name of ["API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"]) vi.stubEnv(`OPENAI_${name}`, "of-openai");
        vi.stubEnv("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:9");
        vi.stubEnv("AZURE_OPENAI_API_KEY", "of-another-azure");
        await ask(optionsFor(server));
        expect([server.calls, openai.calls]).toEqual([1, 0]);
        expect(inspect(server.requests[0]?.headers)).not.toMatch(/of-openai|of-another-azure/);
      },
    );

    test("without credentials fails the first request with an error that names options and variables", async () => {
      const provider = azureProvider(dated());
      const context = { signal: new AbortController().signal };
      const call = provider.generate(request, context);
      await expect(call).rejects.toMatchObject({ code: "MISSING_CREDENTIALS" });
      await expect(call).rejects.toThrow(
        /`apiKey` or `azureADTokenProvider`.*AZURE_OPENAI_API_KEY or AZURE_OPENAI_AD_TOKEN/,
      );
      vi.stubEnv("AZURE_OPENAI_API_KEY", "late-arrival");
      await provider.generate(request, context);
      expect(server.requests[0]?.headers).toMatchObject({ "api-key": "late-arrival" });
    });

    test("without a version fails the first request with an error that names option and variable", async () => {
      const error = await failure({ endpoint: endpointOf(server), apiKey: API_KEY });
      expect(error).toMatchObject({ code: "INVALID_OPTION" });
      expect(error.message).toMatch(/`apiVersion`.*OPENAI_API_VERSION/);
    });
  });

  describe("a token", () => {
    function numbered(): () => Promise<string> {
      let number = 0;
      return async () => `token-number-${++number}`;
    }
    const sent = () => server.requests.map(({ headers }) => headers.authorization);

    test.each([
      ["dated", () => dated()],
      ["v1", () => ({ endpoint: v1EndpointOf(server) })],
    ])("is requested for every attempt of the %s API", async (_, options) => {
      server.script([{ status: 500, headers: SOON }]);
      const provider = azureProvider({ ...options(), azureADTokenProvider: numbered(), maxRetries: 1 });
      for (let call = 0; call < 2; call++) await provider.generate(request, { signal: new AbortController().signal });
      expect(sent()).toEqual(["Bearer token-number-1", "Bearer token-number-2", "Bearer token-number-3"]);
    });

    test("may be returned synchronously", async () => {
      await ask(dated({ azureADTokenProvider: (() => TOKEN) as never }));
      expect(sent()).toEqual([`Bearer ${TOKEN}`]);
    });

    test("appears in no error, neither the latest nor an earlier one", async () => {
      const message = "Neither token-number-1 nor token-number-2 is known.";
      const body = { error: { code: "401", message, param: message, type: message } };
      const options = dated({ azureADTokenProvider: numbered(), maxRetries: 1 });
      const error = await failure(options, [
        { status: 500, headers: SOON },
        { status: 401, body },
      ]);
      expect(error).toMatchObject({ status: 401, retryable: false });
      expect(inspect(error, { depth: 12, showHidden: true })).not.toContain("token-number");
      expect(error.message).toContain("Neither [redacted] nor [redacted] is known.");
    });

    test.each<[string, () => Promise<string>, string]>([
      ["rejects", () => Promise.reject(new TypeError(`no grant for ${TOKEN}`)), "TypeError: no grant for [redacted]"],
      [
        "throws",
        () => {
          throw new Error("no grant");
        },
        "Error: no grant",
      ],
      ["resolves to nothing", async () => undefined as never, "it must resolve to a non-empty string"],
      ["resolves to an empty text", async () => "", "it must resolve to a non-empty string"],
      ["takes too long", () => new Promise(() => {}), "it took longer than 50 ms (`timeoutMs`)"],
    ])("that its provider fails to return (it %s) is a typed error, and nothing is sent", async (_, provider, why) => {
      const error = await failure(dated({ azureADTokenProvider: provider, timeoutMs: 50, maxRetries: 2 }));
      expect(error).toMatchObject({ code: "MISSING_CREDENTIALS" });
      expect(error.message).toBe(`azureProvider: \`azureADTokenProvider\` returned no token: ${why}`);
      expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(TOKEN);
      expect(server.calls).toBe(0);
    });

    test("that is slow to arrive does not delay an abort", async () => {
      const controller = new AbortController();
      const asked = Promise.withResolvers<void>();
      const azureADTokenProvider = () => {
        asked.resolve();
        return new Promise<never>(() => {});
      };
      const call = ask(dated({ azureADTokenProvider }), { signal: controller.signal });
      await asked.promise;
      const reason = new Error("Nobody waits any more.");
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
    });
  });

  describe("the content filter", () => {
    const blocked = (innererror?: object): Fault => ({
      status: 400,
      body: {
        error: {
          message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
          type: null,
          param: "prompt",
          code: "content_filter",
          status: 400,
          ...(innererror && { innererror: { code: "ResponsibleAIPolicyViolation", ...innererror } }),
        },
      },
    });

    test("is in the answer, with its types", async () => {
      const answer = (await ask(dated({ apiKey: API_KEY }))) as AzureChatCompletion;
      expect(answer.prompt_filter_results?.[0]?.content_filter_results.jailbreak?.detected).toBe(false);
      expect(answer.choices[0]?.content_filter_results?.violence?.severity).toBe("safe");
    });

    test("turns a blocked prompt into a typed error that names the categories", async () => {
      const content_filter_result = {
        hate: { filtered: false, severity: "safe" },
        jailbreak: { filtered: true, detected: true },
        violence: { filtered: true, severity: "medium" },
        custom_blocklists: { filtered: false, details: [] },
        unheard_of: null,
      };
      const options = dated({ apiKey: API_KEY, maxRetries: 2 });
      const error = await failure(options, [blocked({ content_filter_result })]);
      expect(ProviderError.is(error)).toBe(true);
      expect(error).toMatchObject({
        status: 400,
        retryable: false,
        cause: { code: "content_filter", param: "prompt" },
      });
      expect(error.message).toMatch(
        /content management policy\. Azure's content filter blocked the prompt: jailbreak, violence \(medium\)\./,
      );
      expect(server.calls).toBe(1);
    });

    test.each([
      ["no details", undefined],
      ["details of which nothing was filtered", { content_filter_result: { hate: { filtered: false } } }],
      ["details in another shape", { content_filter_result: "hate" }],
      ["no results", {}],
    ])("reports a blocked prompt also with %s", async (_, innererror) => {
      const error = await failure(dated({ apiKey: API_KEY }), [blocked(innererror)]);
      expect(error.message).toContain("Azure's content filter blocked the prompt. Change");
    });
  });

  describe("an error", () => {
    test.each<[string, Fault, RegExp]>([
      ["401", { status: 401 }, /`apiKey` or `azureADTokenProvider`/],
      ["404", { status: 404 }, /`endpoint`, `apiVersion`, and the deployment/],
      ["200 without a completion", { body: "<html>", headers: { "content-type": "text/html" } }, /`endpoint`/],
    ])("of a %s names the options to check", async (_, fault, options) => {
      const error = await failure(dated({ apiKey: API_KEY }), [fault]);
      expect(error.message).toMatch(options);
      expect(error.message).not.toContain("baseURL");
    });

    test("of a 429 in Azure's wording is retryable", async () => {
      const body = { error: { code: "429", message: "Requests have exceeded the rate limit." } };
      const error = await failure(dated({ apiKey: API_KEY }), [{ status: 429, body }]);
      expect(error).toMatchObject({ status: 429, retryable: true, cause: { code: "429" } });
    });
  });
}
