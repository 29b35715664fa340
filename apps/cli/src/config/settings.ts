import { memberPath } from "remem/config";
import type { ResolvedFlags } from "./resolve-flags.ts";

/** One setting as `remem config` shows it. */
export interface Setting {
  /** Its name in a configuration file. */
  readonly name: string;
  /** Undefined for none, such as no limit. */
  readonly value: unknown;
  readonly from: "flag" | "variable" | "file" | "default";
  /** The flag that sets it. */
  readonly flag?: string | undefined;
  /** The variable that sets it. */
  readonly variable?: string | undefined;
  /** Its line in the file. */
  readonly line?: number | undefined;
}

const FLAGS: Readonly<Record<string, string>> = {
  store: "--store",
  model: "--model",
  provider: "--provider",
  baseURL: "--base-url",
  cache: "--cache",
  timeoutMs: "--timeout",
  maxRetries: "--retries",
  journal: "--journal",
  "limits.rpm": "--rpm",
  "limits.tpm": "--tpm",
  "limits.maxWaitMs": "--max-wait",
};
/** The variables that may hold the key of a provider; the first one that is set holds it. */
const KEYS = {
  openai: ["OPENAI_API_KEY"],
  azure: ["AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_API_KEY"],
  qwen: ["DASHSCOPE_API_KEY", "OPENAI_API_KEY"],
} as const;

/** Lists the effective settings, defaults included. */
export function settingsOf({ options, sources, file }: ResolvedFlags): Setting[] {
  const { store, cacheDir, params = {}, limits } = options;
  const { upstreams, tenants, redis } = file?.config.gateway ?? {};
  const model = options.model ?? params.model ?? "gpt-4o-mini";
  const provider = options.provider ?? (model.startsWith("Qwen/Qwen3-") ? "qwen" : "openai");
  const place = cacheDir === undefined ? "store" : "cacheDir";

  function setting(name: string, value: unknown, usual?: unknown, member = name): Setting {
    const source = sources.get(member);
    if (source === undefined) return { name, value: usual, from: "default" };
    if (source.from === "option") return { name, value, from: "flag", flag: FLAGS[member] ?? "--param" };
    if (source.from === "file") return { name, value, from: "file", line: source.line };
    return { name, value: process.env[source.variable], from: "variable", variable: source.variable };
  }
  const own = Object.entries(params).filter(([name]) => name !== "model");
  return [
    setting("store", store ?? (cacheDir && `sqlite:${cacheDir}/`), "sqlite:./llm_cache", place),
    setting("model", model, model),
    setting("provider", provider, provider),
    setting("baseURL", options.baseURL, provider === "openai" ? "https://api.openai.com/v1" : undefined),
    keyOf(provider as keyof typeof KEYS),
    ...own.map(([name, value]) => setting(memberPath(["params", name]), value, value)),
    setting("cache", options.cache, "default"),
    setting("ttlMs", options.ttlMs),
    setting("timeoutMs", options.timeoutMs, provider === "qwen" ? 600_000 : 60_000),
    setting("maxRetries", options.maxRetries, 5),
    setting("journal", options.journal),
    setting("limits.rpm", limits?.rpm),
    setting("limits.tpm", limits?.tpm),
    setting("limits.maxWaitMs", limits?.maxWaitMs, 600_000),
    ...membersIn("prices", file, file?.config.prices),
    ...membersIn("gateway.upstreams", file, upstreams),
    ...membersIn("gateway.tenants", file, tenants),
    ...(redis === undefined ? [] : membersIn("gateway", file, { redis })),
  ];
}

/** Members with arbitrary names, as in the file. There the variables stand for the keys. */
function membersIn(parent: string, file: ResolvedFlags["file"], members: object = {}): Setting[] {
  return Object.entries(members).map(([member, value]) => {
    const name = memberPath([...parent.split("."), member]);
    return { name, value, from: "file", line: file?.lines.get(name) };
  });
}

/** Names the variable of the key, and never shows a character of the key itself. */
function keyOf(provider: keyof typeof KEYS): Setting {
  const variable = KEYS[provider].find((name) => process.env[name]);
  if (variable === undefined)
    return { name: "apiKey", value: `not set (${KEYS[provider].join(" or ")})`, from: "default" };
  return { name: "apiKey", value: "set", from: "variable", variable };
}
