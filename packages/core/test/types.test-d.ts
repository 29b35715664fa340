// What must and must not compile. Nothing here runs: `tsc` is the test, and an unused @ts-expect-error fails it.
import {
  type CacheStore,
  type ChatMessage,
  type Client,
  createClient,
  type InferFailure,
  type InferResult,
  type LLMProvider,
  memoryStore,
  ProviderError,
  RememError,
} from "../src/index.ts";

declare const client: Client;
declare const provider: LLMProvider;
declare const messages: readonly ChatMessage[];

// Parameters: the known ones are checked, unknown ones are anybody's, what is no JSON is not.
client.infer(messages, { temperature: 0, seed: null, stop: ["END"], tools: [{ type: "function" }], top_k: 20 });
client.infer([{ role: "user", content: [{ type: "text", text: "Hi" }], name: "n" }]);
// Interfaces have no index signature, and are what others declare their messages as.
interface Part {
  type: "text";
  text: string;
}
interface Theirs {
  role: "user";
  content: string | Part[];
}
declare const theirs: Theirs[];
client.infer(theirs);
client.batchInfer([theirs]);
// @ts-expect-error no JSON, and no list of parts
client.infer([{ role: "user", content: new Date() }]);
// @ts-expect-error a temperature is a number
client.infer(messages, { temperature: "hot" });
// @ts-expect-error a response_format has a type
client.infer(messages, { response_format: {} });
// @ts-expect-error no JSON
client.infer(messages, { at: new Date() });
// @ts-expect-error nobody has this role
client.infer([{ role: "robot", content: "Hi" }]);
// @ts-expect-error a message, not a list of them
client.infer({ role: "user", content: "Hi" });

// Options: misspelt ones and wrong values do not compile.
client.infer(
  messages,
  {},
  { cache: "reload", ttlMs: 1, timeoutMs: 1, sample: 1, signal: new AbortController().signal },
);
// @ts-expect-error misspelt
client.infer(messages, {}, { ttl: 1 });
// @ts-expect-error no such mode
client.infer(messages, {}, { cache: "force-cache" });
// @ts-expect-error an option of inferEach alone
client.batchInfer([messages], {}, { window: 1 });
client.inferEach([{ messages, model: "other" }], { window: 1 });
// @ts-expect-error an item has messages
client.inferEach([{ model: "other" }]);

// Creating: the three that are needed, and a model among the params.
createClient({ provider, store: memoryStore(), params: { model: "m", seed: 1 } });
// @ts-expect-error no model
createClient({ provider, store: memoryStore(), params: {} });
// @ts-expect-error no store
createClient({ provider, params: { model: "m" } });
// @ts-expect-error misspelt
memoryStore({ maxbytes: 1 });

// Results are told from failures by `error`, and are the caller's own.
declare const item: InferResult | InferFailure;
if (item.error) {
  const failed: false = item.cacheHit;
  const error: RememError = item.error;
  void [failed, error];
} else {
  const text: string = item.response;
  const tokens: number = item.metadata.prompt_tokens + item.metadata.completion_tokens;
  const source: "store" | "flight" | "provider" = item.source;
  void [text, tokens, source];
  item.response = "";
}

// Errors are narrowed by their kind's own `is`.
declare const thrown: unknown;
if (ProviderError.is(thrown)) {
  const status: number | undefined = thrown.status;
  const retryable: boolean = thrown.retryable;
  void [status, retryable];
}
if (RememError.is(thrown)) {
  // @ts-expect-error not every error has one
  void thrown.status;
}

// Plugins are literals: what is left out of the contract's core does not compile.
const store = {
  specVersion: 1,
  name: "literal",
  get: async () => undefined,
  set: async () => {},
  delete: async () => false,
  clear: async () => {},
  close: async () => {},
} as const satisfies CacheStore;
const { close: _, ...unclosable } = store;
// @ts-expect-error no close
const incomplete: CacheStore = unclosable;
// @ts-expect-error another version
const future: CacheStore = { ...store, specVersion: 2 };
// @ts-expect-error a miss is undefined, not null
const nullish: CacheStore = { ...store, get: async () => null };
void [incomplete, future, nullish];
