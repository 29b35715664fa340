import type { Limits } from "@remem/core";
import type { RememOptions } from "../options.ts";
import type { ProviderName } from "../provider-for.ts";

type SameAsOptions = "model" | "params" | "cacheDir" | "baseURL" | "timeoutMs" | "maxRetries" | "ttlMs" | "cache";

/** The members of a configuration file: defaults for `createRemem` and the command, named like the options. */
export interface RememConfig extends Pick<RememOptions, SameAsOptions> {
  /** The JSON Schema of the file, for editors. */
  readonly $schema?: string | undefined;
  /** The URL of a store. Its path is relative to the directory of the file. */
  readonly store?: string | undefined;
  /** The name of a provider. By default the model's name decides. */
  readonly provider?: ProviderName | undefined;
  /** A file that records each call, relative to the directory of this one, or true for `remem-journal.jsonl` in `cacheDir`. */
  readonly journal?: string | boolean | undefined;
  /** The maximum number of requests and tokens per minute, and the longest wait for a rate limit of the server. */
  readonly limits?: Pick<Limits, "rpm" | "tpm" | "maxWaitMs"> | undefined;
  /** The servers behind the gateway of `remem serve` and `remem run`, and who may use it. */
  readonly gateway?: GatewayConfig | undefined;
  /** Prices by model, for the command. They take precedence over list prices. */
  readonly prices?: Readonly<Record<string, ModelPrice>> | undefined;
}

/** The gateway of `remem serve` and `remem run`. */
export interface GatewayConfig {
  /** By name: `openai`, `anthropic`, `gemini`, `azure` and `ollama` replace the vendors' own, any other is reached at `/<name>/`. */
  readonly upstreams?: Readonly<Record<string, ConfiguredUpstream>> | undefined;
  /** The tenants of `remem serve`, by name. Without tenants, every program of this machine may use it, and no other. */
  readonly tenants?: Readonly<Record<string, ConfiguredTenant>> | undefined;
  /** The URL of the Redis in which all gateways together count the use of their tenants. By default that of the store, if it is a Redis. */
  readonly redis?: string | undefined;
}

/** A user of the gateway. */
export interface ConfiguredTenant {
  /** Hashes of its tokens, as `remem token` prints them. */
  readonly tokens: readonly string[];
  /** Tenants of one scope share their entries. By default its own name. `false`: it shares the entries of programs without a gateway. */
  readonly scope?: string | false | undefined;
  /** The models that it may ask, where `*` stands for any characters. All by default. */
  readonly models?: readonly string[] | undefined;
  /** The maximum number of requests to servers and of tokens per minute, and of dollars per day (UTC). */
  readonly limits?:
    | {
        readonly rpm?: number | undefined;
        readonly tpm?: number | undefined;
        readonly dollarsPerDay?: number | undefined;
      }
    | undefined;
  /** Whether it may ask models whose price is unknown in spite of a budget: `"refuse"` by default. */
  readonly unpriced?: "refuse" | "allow" | undefined;
  /** Whether its requests that are not cached pass through. False by default, except for lists of models. */
  readonly passThrough?: boolean | undefined;
  /** Its other rights: the gateway's `"metrics"`, to `"view"` the entries of its scope at `/_remem/`, and to `"delete"` them there. */
  readonly rights?: ReadonlyArray<"metrics" | "view" | "delete"> | undefined;
}

/** A server behind the gateway. */
export interface ConfiguredUpstream {
  /** Its address. `${NAME}` stands for a variable. */
  readonly baseURL: string;
  /** The variable that holds its key: `NAME` or `${NAME}`. By default the caller's own key is sent. */
  readonly apiKey?: string | undefined;
}

/** The price of a model in dollars per million tokens. */
export interface ModelPrice {
  /** The price of tokens in prompts. */
  readonly input: number;
  /** The price of tokens in answers. */
  readonly output: number;
}

/** A configuration file that was read and checked. */
export interface ConfigFile {
  /** Its absolute path. */
  readonly path: string;
  /** Its members as written: paths are relative to its directory, and `${NAME}` is not replaced. */
  readonly config: RememConfig;
  /** The line of each member by its path, such as `limits.rpm`, from 1. */
  readonly lines: ReadonlyMap<string, number>;
}
