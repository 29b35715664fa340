import { RememError } from "@remem/core/plugin";
import { splitQuery } from "./base-url.ts";
import { sessionsOf } from "./chat-completions.ts";
import type { ChatClient } from "./client/chat-client.ts";
import { type Completions, completions } from "./completions.ts";
import type { CompletionsOptions } from "./session.ts";

/** The options of `completionsAt`. */
export interface CompletionsAtOptions {
  /** The provider's id, for errors. */
  readonly id: string;
  /** The address of the server. Its query is sent with every request. */
  readonly baseURL: string;
  /** The kind of server, such as `"dashscope"`, if its address may not tell it: servers use some error codes differently. */
  readonly server?: string | undefined;
  /** Called for every request. */
  apiKey(): string | undefined;
  /** The remedy for a missing key, for the error. */
  readonly missingKey: string;
  /** 60,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** 5 by default. */
  readonly maxRetries?: number | undefined;
  /** 32 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
  /** The organization that is billed. */
  readonly organization?: string | undefined;
  /** The project that is billed. */
  readonly project?: string | undefined;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** Creates the `generate` and `stream` of a provider for the server at an address. Loads the `openai` package on the first request. */
export function completionsAt(options: CompletionsAtOptions): Completions {
  return completions(sessionsAt(options));
}

/** How a client for the server at an address is opened. */
export function sessionsAt(options: CompletionsAtOptions): CompletionsOptions {
  const { id, apiKey, timeoutMs = 60_000, maxRetries = 5, organization, project } = options;
  const { baseURL, search } = splitQuery(options.baseURL);
  return sessionsOf({
    id,
    server: options.server,
    timeoutMs,
    maxResponseBytes: options.maxResponseBytes,
    fetch: options.fetch,
    secrets: () => [apiKey()],
    async connect(fetch) {
      const key = apiKey();
      if (!key) throw new RememError("MISSING_CREDENTIALS", `There is no API key: ${options.missingKey}`);
      const { OpenAI } = await loadSdk();
      return new OpenAI({
        apiKey: key,
        baseURL,
        timeout: timeoutMs,
        maxRetries,
        // `defaultQuery` would change a name that occurs twice, and version 6 of the SDK appends paths to the query.
        fetch: search === "" ? fetch : (input, init) => fetch(`${input}${search}`, init),
        ...(organization !== undefined && { organization }),
        ...(project !== undefined && { project }),
      }) as ChatClient;
    },
  });
}

/** Loaded on demand: loading takes longer than a hundred hits, and a run of hits does not need it. */
async function loadSdk(): Promise<typeof import("openai")> {
  try {
    return await import("openai");
  } catch (cause) {
    throw new RememError("MISSING_PACKAGE", "@remem/openai needs the package `openai`: npm install openai", { cause });
  }
}
