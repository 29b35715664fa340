import { type CacheMode, type CallParams, type Client, createRemem } from "remem";

export interface ClientFlags {
  readonly model?: string;
  readonly store?: string;
  readonly cache: CacheMode;
  readonly baseUrl?: string;
  readonly param: CallParams;
}

export function createClientFor({ model, store, cache, baseUrl, param }: ClientFlags): Client {
  return createRemem({
    cache,
    params: param,
    ...(model !== undefined && { model }),
    ...(store !== undefined && { store }),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
  });
}
