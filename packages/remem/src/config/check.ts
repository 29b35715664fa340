import type {
  ConfigFile,
  ConfiguredTenant,
  ConfiguredUpstream,
  GatewayConfig,
  ModelPrice,
  RememConfig,
} from "./config.ts";
import { library } from "./library.ts";
import { suggestion } from "./nearest.ts";
import { memberPath } from "./parsed.ts";
import { configSchema } from "./schema.ts";

/** A problem of the member at a path. */
interface Finding {
  readonly path: readonly string[];
  readonly text: string;
}

type Members = Readonly<Record<string, unknown>>;

const MEMBERS = {
  $schema: true,
  store: true,
  cacheDir: true,
  model: true,
  provider: true,
  baseURL: true,
  params: true,
  cache: true,
  ttlMs: true,
  timeoutMs: true,
  maxRetries: true,
  journal: true,
  limits: true,
  gateway: true,
  prices: true,
} as const satisfies Record<keyof RememConfig, true>;
const LIMITS = { rpm: true, tpm: true, maxWaitMs: true } as const satisfies Record<
  keyof NonNullable<RememConfig["limits"]>,
  true
>;
const PRICE = { input: true, output: true } as const satisfies Record<keyof ModelPrice, true>;
const GATEWAY = { upstreams: true, tenants: true, redis: true } as const satisfies Record<keyof GatewayConfig, true>;
const UPSTREAM = { baseURL: true, apiKey: true } as const satisfies Record<keyof ConfiguredUpstream, true>;

const TENANT = {
  tokens: true,
  scope: true,
  models: true,
  limits: true,
  unpriced: true,
  passThrough: true,
  rights: true,
} as const satisfies Record<keyof ConfiguredTenant, true>;
const TENANT_LIMITS = { rpm: true, tpm: true, dollarsPerDay: true } as const satisfies Record<
  keyof NonNullable<ConfiguredTenant["limits"]>,
  true
>;

const SECRET = /^(?:\w*api[-_]?key|authorization|password|secret|(?:access|auth|bearer|api)?[-_]?token)$/i;

/** Checks the content of a file. `file` is its path, for errors. */
export function checkConfig(
  value: unknown,
  file: string,
): { config: ConfigFile["config"]; findings: readonly Finding[] } {
  if (!isObject(value)) {
    const text = `The file must hold an object with members such as \`store\`; it holds ${kindOf(value)}.`;
    return { config: {}, findings: [{ path: [], text }] };
  }
  const findings = [...strangers(value), ...contradictions(value)];
  const valibot = library("valibot", file);
  const { issues = [] } = valibot.safeParse(configSchema(valibot), value);
  for (const issue of issues) {
    const path = (issue.path ?? []).map(({ key }) => String(key));
    // `strangers` has reported unknown members and lists, with better messages.
    if (issue.expected === "never" || findings.some((known) => isWithin(path, known.path))) continue;
    findings.push({ path, text: `\`${memberPath(path)}\` ${wrong(issue)}` });
  }
  return { config: value, findings };
}

const isWithin = (path: readonly string[], other: readonly string[]): boolean =>
  other.every((part, index) => part === path[index]);

interface Issue {
  /** `"schema"` for a value of the wrong kind, `"validation"` for a wrong value of the right kind. */
  readonly kind: string;
  readonly message: string;
  readonly type: string;
  readonly input: unknown;
  readonly expected: string | null;
}

/** Describes what a member must be. Never quotes its value, which may be a secret. */
function wrong({ kind, message, type, input, expected }: Issue): string {
  if (type === "strict_object" && input === undefined) return "is missing.";
  const names = type === "picklist" ? [...(expected ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name!) : [];
  const meant = typeof input === "string" ? suggestion(input, names) : undefined;
  if (meant !== undefined) return `must be ${message}; did you mean ${JSON.stringify(meant)}?`;
  if (kind === "validation" || (typeof input === "string" && type === "picklist")) return `must be ${message}.`;
  const isQuoted = type === "number" && typeof input === "string" && /^\d[\d.]*$/.test(input);
  return `must be ${message}; it is ${kindOf(input)}${isQuoted ? ": remove the quotes" : ""}.`;
}

/** Finds unknown members, and lists in place of objects. */
function strangers(config: Members): Finding[] {
  const { limits, params, prices, gateway } = config;
  const { upstreams, tenants } = isObject(gateway) ? gateway : ({} as Members);
  return [
    ...unknown([], config, MEMBERS),
    ...unknown(["limits"], limits, LIMITS),
    ...unknown(["params"], params),
    ...unknown(["gateway"], gateway, GATEWAY),
    ...unknownIn(["gateway", "upstreams"], upstreams, UPSTREAM),
    ...unknownIn(["gateway", "tenants"], tenants, TENANT),
    ...Object.entries(isObject(tenants) ? tenants : {}).flatMap(([name, tenant]) =>
      isObject(tenant) ? unknown(["gateway", "tenants", name, "limits"], tenant.limits, TENANT_LIMITS) : [],
    ),
    ...unknownIn(["prices"], prices, PRICE),
  ];
}

/** The same for the members of an object, which may have any names. */
function unknownIn(path: readonly string[], value: unknown, known: Readonly<Record<string, true>>): Finding[] {
  if (!isObject(value)) return unknown(path, value);
  return Object.entries(value).flatMap(([name, member]) => unknown([...path, name], member, known));
}

/** Without `known`, any member is allowed that is not a secret. */
function unknown(path: readonly string[], value: unknown, known?: Readonly<Record<string, true>>): Finding[] {
  if (Array.isArray(value)) {
    return [{ path, text: `\`${memberPath(path)}\` must be an object; it is a list.` }];
  }
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((name) => {
    if (known !== undefined && Object.hasOwn(known, name)) return [];
    const own = [...path, name];
    if (SECRET.test(name) && path[0] !== "prices") return [{ path: own, text: secret(memberPath(own)) }];
    return known === undefined ? [] : [{ path: own, text: notKnown(own, Object.keys(known)) }];
  });
}

function secret(member: string): string {
  return `\`${member}\` is a secret and does not belong in this file. Set the variable OPENAI_API_KEY, or AZURE_OPENAI_API_KEY for Azure.`;
}

function notKnown(path: readonly string[], names: readonly string[]): string {
  const parents = path.slice(0, -1);
  const name = path.at(-1)!;
  const isAtTop = parents.length === 0;
  const near = suggestion(name, names);
  const inLimits = isAtTop ? suggestion(name, Object.keys(LIMITS)) : undefined;
  const meant = near !== undefined ? [...parents, near] : inLimits !== undefined ? ["limits", inLimits] : undefined;
  const problem = `\`${memberPath(path)}\` is not known`;
  if (meant !== undefined) return `${problem}; did you mean \`${memberPath(meant)}\`?`;
  const hint = isAtTop ? " Parameters of requests belong in `params`." : "";
  return `${problem}. Known members: ${names.join(", ")}.${hint}`;
}

/** Finds members that are valid alone but not together, and values that JSON does not have. */
function contradictions({ store, cacheDir, params }: Members): Finding[] {
  const findings: Finding[] = [];
  if (store !== undefined && cacheDir !== undefined) {
    findings.push({ path: ["cacheDir"], text: "`cacheDir` cannot be combined with `store`. Give one of them." });
  }
  if (!isObject(params)) return findings;
  if (params.model !== undefined)
    findings.push({ path: ["params", "model"], text: "`params.model` is not allowed. Use `model`, next to `params`." });
  for (const [name, value] of Object.entries(params)) {
    const path = ["params", name];
    if (!isJson(value)) findings.push({ path, text: `\`${memberPath(path)}\` must be a JSON value.` });
  }
  return findings;
}

/** YAML has values that JSON lacks, such as `.nan` and `!!binary`. */
function isJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return ["string", "boolean", "object"].includes(typeof value);
  return (Array.isArray(value) || isPlain(value)) && Object.values(value).every(isJson);
}

const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype;

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? "text" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
