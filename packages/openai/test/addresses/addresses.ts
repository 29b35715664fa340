import type { ChatRequest } from "@remem/core";
import { completionsServer } from "@remem/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type OpenAIProviderOptions, openaiProvider } from "../../src/index.ts";
import { API_KEY } from "../sdks.ts";

const baseURL = "https://gateway.example/v1";
const hashed = /^https:\/\/gateway\.example\/v1 [0-9a-f]{16}$/;

/** Tests addresses with the version of the SDK that the provider loads. */
export function testAddresses(sdk: 6 | 7): void {
  afterEach(() => void vi.unstubAllEnvs());

  describe("an address with a query", () => {
    const request: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] };
    const context = { signal: new AbortController().signal };

    test.each<[string, (baseURL: string) => OpenAIProviderOptions]>([
      ["the option", (baseURL) => ({ baseURL })],
      [
        "the variable",
        (baseURL) => {
          vi.stubEnv("OPENAI_BASE_URL", baseURL);
          return {};
        },
      ],
    ])("is asked at its path, with the query: %s", async (_, optionsFor) => {
      await using server = await completionsServer();
      const options = optionsFor(`${server.baseURL}/?tenant=a%20b&route=1&route=2#top`);
      await openaiProvider({ apiKey: API_KEY, ...options }).generate(request, context);
      const [received] = server.requests;
      expect(received?.url).toBe("/v1/chat/completions?tenant=a%20b&route=1&route=2");
      expect(received?.headers["x-stainless-package-version"]).toMatch(new RegExp(`^${sdk}\\.`));
    });

    test("is another server", () => {
      const scopes = ["", "?tenant=a", "?tenant=b"].map((query) => openaiProvider({ baseURL: baseURL + query }).scope);
      expect(new Set(scopes).size).toBe(3);
      expect(scopes[0]).toBe(baseURL);
      expect(scopes[1]).toMatch(hashed);
      expect(openaiProvider({ baseURL: "https://api.openai.com/v1?tenant=a" }).scope).toMatch(
        /^https:.* [0-9a-f]{16}$/,
      );
    });

    test.each([undefined, false, "lab"] as const)("is refused with a password, whatever the scope: %o", (scope) => {
      const options = { baseURL: "https://user:hunter2@gateway.example/v1?a=b", ...(scope !== undefined && { scope }) };
      expect(() => openaiProvider(options)).toThrow(/`baseURL` must not contain a user or password/);
    });
  });
}
