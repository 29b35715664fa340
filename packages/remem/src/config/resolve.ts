import type { RememOptions } from "../options.ts";
import type { ConfigFile } from "./config.ts";
import { memberPath } from "./parsed.ts";
import { expanded, placedPath, placedStore } from "./values.ts";

/** The source of a value. */
export type ConfigSource =
  | { readonly from: "option" }
  | { readonly from: "variable"; readonly variable: string }
  | { readonly from: "file"; readonly line: number | undefined };

/** The effective options, and the source of each. */
export interface ResolvedOptions {
  /** The options of the call, completed from the file. Values of variables are left out: provider and store read them. */
  readonly options: RememOptions;
  /** The source of each member by its path, such as `limits.rpm`. Members with their defaults are left out. */
  readonly sources: ReadonlyMap<string, ConfigSource>;
}

/**
 * Completes the options of a call: an option takes precedence over a variable, and a variable over the file. `limits` and
 * `params` are completed member by member. The extent `"store"` completes only the options that select the store, and the
 * journal.
 * @throws {RememError} with code `INVALID_OPTION` if the file names a variable that is not set
 */
export function resolveOptions(
  given: RememOptions,
  file: ConfigFile | undefined,
  extent: "all" | "store" = "all",
): ResolvedOptions {
  const config = file?.config ?? {};
  const sources = new Map<string, ConfigSource>();
  const inFile = (member: string): ConfigSource => ({ from: "file", line: file?.lines.get(member) });

  /** Returns undefined if a variable takes precedence. */
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
    // An invalid value is refused later. Without members of the file the caller's object is used as it is.
    if (own === undefined || (option !== undefined && (typeof option !== "object" || option === null))) return option;
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
    return Object.fromEntries(members) as T;
  }

  /** An option or a variable that names a store also replaces `cacheDir` of the file. */
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
      cacheDir: directory === undefined ? undefined : placedPath(directory, file!),
    };
  }

  /** A provider object has its own server, timeout and retries. */
  function chooseProvider(): Pick<RememOptions, "provider" | "baseURL" | "timeoutMs" | "maxRetries"> {
    if (typeof given.provider === "object") return { provider: given.provider };
    const provider = choose<RememOptions["provider"]>("provider", given.provider, config.provider);
    const isAzure = provider === "azure";
    // The file's address belongs to its provider: OpenAI's key must not be sent to an address of Azure, nor the reverse.
    const baseURL = isAzure === (config.provider === "azure") ? config.baseURL : undefined;
    return {
      provider,
      baseURL: choose("baseURL", given.baseURL, baseURL, isAzure ? "AZURE_OPENAI_ENDPOINT" : "OPENAI_BASE_URL"),
      timeoutMs: choose("timeoutMs", given.timeoutMs, config.timeoutMs),
      maxRetries: choose("maxRetries", given.maxRetries, config.maxRetries),
    };
  }

  function chooseJournal(): RememOptions["journal"] {
    const journal = choose<RememOptions["journal"]>("journal", given.journal, config.journal, "REMEM_JOURNAL");
    const isOfFile = sources.get("journal")?.from === "file";
    return isOfFile && typeof journal === "string" ? placedPath(journal, file!) : journal;
  }

  const model = given.params?.model === undefined ? choose("model", given.model, config.model) : given.model;
  const options = { ...given, model, ...chooseStore(), journal: chooseJournal() };
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
