import {
  type CacheStore,
  createRedact,
  createTimeout,
  RememError,
  raceSignal,
  redactedError,
  storeFailed,
} from "@remem/core/plugin";
import { adapterStore, didNotAnswer } from "../adapter-store.ts";
import { ANSWER_MS, type Backend, CONNECT_MS, type LoadedAdapter } from "./backend.ts";
import { loadAdapter, nameOf } from "./load-adapter.ts";
import { reopeningStore } from "./reopening-store.ts";
import { SCHEMES } from "./schemes.ts";

/** A shorter password is no secret, and redacting it would garble messages. */
const SHORTEST_PASSWORD = 3;

/**
 * Opens the store that a URL names, through the Keyv storage adapter for it: `postgres:`, `mysql:`, `mongodb:`, `valkey:`,
 * `memcache:`, `keyv+redis:` or `keyv+sqlite:`, and their usual aliases. Entries are in a table, a collection or a namespace of
 * their own. The first operation connects, and a later one connects again after a failure.
 *
 * Such a store does not coordinate processes; a warning says so once for each kind of store.
 * @throws {RememError} with code `INVALID_OPTION` for another URL, or `MISSING_PACKAGE` and the command that installs what
 * is missing
 */
export function keyvStoreFromUrl(url: string): CacheStore {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  const backend = Object.hasOwn(SCHEMES, scheme.toLowerCase()) ? SCHEMES[scheme.toLowerCase()] : undefined;
  if (backend === undefined) throw invalid(`The scheme of the URL must be one of ${Object.keys(SCHEMES).join(", ")}`);
  const wanted = backend.address.startsWith("://") ? /^\/\/./ : /./;
  if (!wanted.test(rest)) throw invalid(`The URL of such a store is ${scheme}:${backend.address.replace(/^:/, "")}`);
  const loaded = loadAdapter(scheme, backend);
  warn(scheme, backend);
  return storeOver(backend, loaded, url);
}

/** Limits, in milliseconds. */
interface Timings {
  readonly openMs: number;
  readonly answerMs: number;
}

/** Opens the store over an adapter that has been loaded. @internal */
export function storeOver(
  backend: Backend,
  loaded: LoadedAdapter,
  url: string,
  { openMs, answerMs }: Timings = { openMs: 2 * CONNECT_MS, answerMs: ANSWER_MS },
): CacheStore {
  const name = nameOf(backend);
  const redact = createRedact(passwordsIn(url), SHORTEST_PASSWORD);
  const openTimeout = createTimeout(openMs);
  const timeout = createTimeout(answerMs);

  async function open(closed: AbortSignal): Promise<CacheStore> {
    const connected = await backend.connect(loaded, url);
    // Adapters emit the reason, and may then reject with an error that says less.
    let reason: unknown;
    connected.adapter.on?.("error", (error) => {
      reason ??= error;
    });
    const isReady = async () => connected.ready ?? connected.adapter.get("probe");
    try {
      await raceSignal(openTimeout(isReady(), didNotAnswer), closed);
    } catch (error) {
      await connected.end().catch(() => {});
      throw closed.aborted ? error : (reason ?? error);
    }
    return adapterStore({ name, prefix: "", redact, timeout, ...connected });
  }
  return reopeningStore({
    name,
    lists: backend.lists,
    open: (closed) =>
      open(closed).catch((cause) => {
        throw storeFailed(name, "open", redactedError(cause, redact));
      }),
  });
}

/** The password as it is written, and as a driver may have decoded it. */
function passwordsIn(url: string): string[] {
  const [, password] = /^[a-z0-9+.-]+:\/\/[^/?#:@]*:(.*)@/is.exec(url) ?? [];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

const warned = new Set<Backend>();

/** Emits the warning once per process for each kind of store. */
function warn(scheme: string, backend: Backend): void {
  if (warned.has(backend)) return;
  warned.add(backend);
  const problem = `A store at ${scheme}: does not coordinate processes: identical calls of several processes or hosts are not coalesced, and each is paid for. @remem/redis coalesces them across hosts, and @remem/sqlite on one host.`;
  process.emitWarning([problem, backend.lacks].filter(Boolean).join(" "), {
    type: "RememWarning",
    code: "REMEM_NOT_COALESCED",
  });
}

const invalid = (problem: string): RememError => new RememError("INVALID_OPTION", `keyvStoreFromUrl: ${problem}.`);
