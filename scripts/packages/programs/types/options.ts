// Every option may be `undefined`, as what comes from the environment is.
import { azureProvider } from "@remem/azure";
import { createGateway } from "@remem/gateway";
import { keyvStore } from "@remem/keyv";
import { qwenProvider } from "@remem/qwen";
import { redisStore } from "@remem/redis";
import { createView } from "@remem/view";
import {
  CacheOpenAI,
  cachedFetch,
  createClient,
  createRemem,
  memoryStore,
  openaiProvider,
  sqliteStore,
  storeFromUrl,
} from "remem";

const { API_KEY, BASE_URL } = process.env;
const signal = undefined as AbortSignal | undefined;
const count = undefined as number | undefined;
const flag = undefined as boolean | undefined;

const shared = { ttlMs: count, cache: undefined, admit: undefined, onStoreError: undefined, storeTimeoutMs: count };
const more = {
  maxRequestBytes: count,
  maxEntryBytes: count,
  floats: undefined,
  storeRequest: flag,
  onEvent: undefined,
};
const provider = openaiProvider({
  apiKey: API_KEY,
  baseURL: BASE_URL,
  organization: undefined,
  project: undefined,
  timeoutMs: count,
  maxRetries: count,
  maxResponseBytes: count,
  scope: undefined,
  fetch: undefined,
  client: undefined,
});
createRemem({
  ...shared,
  ...more,
  apiKey: API_KEY,
  baseURL: BASE_URL,
  model: undefined,
  params: undefined,
  logger: undefined,
});
createRemem({
  provider: undefined,
  store: undefined,
  cacheDir: undefined,
  cacheFilename: undefined,
  maxRetries: count,
});
createClient({
  provider,
  store: memoryStore({ maxBytes: count }),
  params: { model: "m", seed: count },
  ...shared,
  ...more,
});
new CacheOpenAI({
  cacheDir: "x",
  llmName: undefined,
  apiKey: API_KEY,
  llmBaseUrl: BASE_URL,
  useAzure: flag,
  seed: count,
});
azureProvider({ endpoint: BASE_URL, apiKey: API_KEY, apiVersion: undefined, deployment: undefined, scope: undefined });
qwenProvider({ baseURL: BASE_URL, apiKey: API_KEY, dialect: undefined, timeoutMs: count });
redisStore({ url: BASE_URL, client: undefined, prefix: undefined, timeoutMs: count });
sqliteStore({ path: "x", busyMs: count, compress: flag });
storeFromUrl(undefined, { model: undefined });
void keyvStore;
createGateway({ fetch: () => cachedFetch({ cache: undefined }), upstreams: undefined, maxBodyBytes: count }).listen({
  port: count,
  host: undefined,
});

createView({ store: memoryStore(), token: "x", place: undefined, journal: undefined, mayDelete: flag }).listen({
  port: count,
  host: undefined,
});

declare const client: ReturnType<typeof createRemem>;
const call = {
  cache: undefined,
  sample: count,
  ttlMs: count,
  timeoutMs: count,
  signal,
  schema: undefined,
  retries: count,
};
client.infer({ messages: "Hi", temperature: count, tools: undefined }, call);
client.infer("Hi", undefined, call);
client.batchInfer(["Hi"], undefined, { ...call, concurrency: count, onProgress: undefined });
client.inferEach(["Hi"], { ...call, concurrency: count, window: count, onProgress: undefined });
client.has("Hi", undefined, { sample: count, schema: undefined });
