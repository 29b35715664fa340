import type { RememOptions } from "../options.ts";
import type { ConfigFile } from "./config.ts";
import { memberPath } from "./parsed.ts";
import { expanded, placedDirectory, placedStore } from "./values.ts";

/** Where the value of a member comes from. */
export type ConfigSource =
  | { readonly from: "option" }
  | { readonly from: "variable"; readonly variable: string }
  | { readonly from: "file"; readonly line: number | undefined };

/** The options that hold, and where they come from. */
export interface ResolvedOptions {
  /** The options of the call, completed from the file. What a variable decides is left out: provider and store read variables. */
  readonly options: RememOptions;
  /** Where each member comes from, by its path, such as `limits.rpm`. A member that is missing here has its default. */
  readonly sources: ReadonlyMap<string, ConfigSource>;
}

/**
 * Completes the options of a call: an option takes precedence over a variable, and a variable over the file. `limits` and `params`
 * are completed member by member. `"store"` completes only what chooses a store.
 * @throws {RememError} with code `INVALID_OPTION` where the file names a variable that is not set
 */
export function resolveOptions(
  given: RememOptions,
  file: ConfigFile | undefined,
  extent: "all" | "store" = "all",
): ResolvedOptions {
  const config = file?.config ?? {};
  const sources = new Map<string, ConfigSource>();
  const inFile = (member: string): ConfigSource => ({ from: "file", line: file?.lines.get(member) });

  /** Returns undefined where a variable decides. */
  function choose<T>(member: string, option: T | undefined, own: T | undefined, variable?: string): T | undefined {
    if (option !== undefined) {
      sources.set(member, { from: "option" });
      return option;
    }
    if (variable !== undefined && process.env[variable]) {
      sources.set(member, { from: "variable", variable });
      return undefined;
    }
    if (own === undefined) return undefined;
    sources.set(member, inFile(member));
    return typeof own === "string" ? (expanded(own, member, file!) as T) : own;
  }

  function merge<T extends object>(name: string, option: T | undefined, own: object | undefined): T | undefined {
    const members: Array<[name: string, value: unknown]> = [];
    const layers = [
      { values: own, sourceOf: inFile },
      { values: option, sourceOf: (): ConfigSource => ({ from: "option" }) },
    ];
    for (const { values, sourceOf } of layers) {
      for (const [key, value] of Object.entries(values ?? {})) {
        if (value === undefined) continue;
        const member = memberPath([name, key]);
        members.push([key, value]);
        sources.set(member, sourceOf(member));
      }
    }
    // A value that is no object is refused later. Without members of the file the caller's object stays as it is.
    return own === undefined || option === null ? option : (Object.fromEntries(members) as T);
  }

  /** The file's directory of caches is not used where an option or a variable names a store. */
  function chooseStore(): Pick<RememOptions, "store" | "cacheDir"> {
    const { store, cacheDir } = given;
    if (store !== undefined || cacheDir !== undefined) {
      return {
        store: choose("store", store, undefined, "REMEM_STORE"),
        cacheDir: choose("cacheDir", cacheDir, undefined),
      };
    }
    const place = choose<RememOptions["store"]>("store", undefined, config.store, "REMEM_STORE");
    const directory = sources.has("store") ? undefined : choose("cacheDir", undefined, config.cacheDir);
    return {
      store: typeof place === "string" ? placedStore(place, file!) : undefined,
      cacheDir: directory === undefined ? undefined : placedDirectory(directory, file!),
    };
  }

  /** A provider that is an object has its server, its timeout and its retries. */
  function chooseProvider(): Pick<RememOptions, "provider" | "baseURL" | "timeoutMs" | "maxRetries"> {
    if (typeof given.provider === "object") return { provider: given.provider };
    const provider = choose<RememOptions["provider"]>("provider", given.provider, config.provider);
    const isAzure = provider === "azure";
    // An address of Azure is of no use to other providers, and the other way round.
    const baseURL = isAzure === (config.provider === "azure") ? config.baseURL : undefined;
    return {
      provider,
      baseURL: choose("baseURL", given.baseURL, baseURL, isAzure ? "AZURE_OPENAI_ENDPOINT" : "OPENAI_BASE_URL"),
      timeoutMs: choose("timeoutMs", given.timeoutMs, config.timeoutMs),
      maxRetries: choose("maxRetries", given.maxRetries, config.maxRetries),
    };
  }

  const model = given.params?.model === undefined ? choose("model", given.model, config.model) : given.model;
  const options = { ...given, model, ...chooseStore() };
  if (extent === "store") return { options, sources };
  return {
    options: {
      ...options,
      ...chooseProvider(),
      params: merge("params", given.params, config.params),
      cache: choose("cache", given.cache, config.cache),
      ttlMs: choose("ttlMs", given.ttlMs, config.ttlMs),
      limits: merge("limits", given.limits, config.limits),
    },
    sources,
  };
}
