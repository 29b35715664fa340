import type { CreateOptions } from "@remem/testing";
import type { AzureProviderOptions } from "../src/index.ts";

export const API_KEY = "0123456789abcdef0123456789abcdef";
export const API_VERSION = "2024-10-21";
/** In the format of Entra ID. */
export const TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl";

export const endpointOf = ({ baseURL }: { readonly baseURL: string }): string => new URL(baseURL).origin;
export const v1EndpointOf = (server: { readonly baseURL: string }): string => `${endpointOf(server)}/openai/v1/`;

const key = { apiKey: API_KEY };
const tokens = { azureADTokenProvider: async () => TOKEN };

/** Each API with each kind of credential. */
export const VARIANTS: ReadonlyArray<
  readonly [name: string, options: (server: Pick<CreateOptions, "baseURL">) => AzureProviderOptions]
> = [
  ["the dated API with a key", (server) => ({ endpoint: endpointOf(server), apiVersion: API_VERSION, ...key })],
  ["the dated API with tokens", (server) => ({ endpoint: endpointOf(server), apiVersion: API_VERSION, ...tokens })],
  ["the v1 API with a key", (server) => ({ endpoint: v1EndpointOf(server), ...key })],
  ["the v1 API with tokens", (server) => ({ endpoint: v1EndpointOf(server), ...tokens })],
];
