import type { EntryView } from "../../wire.ts";

type Members = Readonly<Record<string, unknown>>;

interface Endpoint {
  readonly path: (request: Members) => string;
  readonly server: string;
  readonly headers: readonly string[];
  /** Members that are in the address instead of the body. */
  readonly without?: readonly string[];
}

const BEARER = ["authorization: Bearer $OPENAI_API_KEY"];

/** The address of each kind of request. A scope that is an address names the server. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  chat: { path: () => "/chat/completions", server: "https://api.openai.com/v1", headers: BEARER },
  responses: { path: () => "/responses", server: "https://api.openai.com/v1", headers: BEARER },
  completions: { path: () => "/completions", server: "https://api.openai.com/v1", headers: BEARER },
  embeddings: { path: () => "/embeddings", server: "https://api.openai.com/v1", headers: BEARER },
  moderations: { path: () => "/moderations", server: "https://api.openai.com/v1", headers: BEARER },
  messages: {
    path: () => "/v1/messages",
    server: "https://api.anthropic.com",
    headers: ["x-api-key: $ANTHROPIC_API_KEY", "anthropic-version: 2023-06-01"],
  },
  gemini: {
    path: ({ model }) => `/v1beta/models/${encodeURIComponent(String(model))}:generateContent`,
    server: "https://generativelanguage.googleapis.com",
    headers: ["x-goog-api-key: $GEMINI_API_KEY"],
    without: ["model"],
  },
  "ollama-chat": { path: () => "/api/chat", server: "http://localhost:11434", headers: [] },
  "ollama-generate": { path: () => "/api/generate", server: "http://localhost:11434", headers: [] },
};

/** The request as a command for a shell. Undefined if it cannot be written. */
export function curlOf(entry: EntryView): string | undefined {
  const request = requestOf(entry);
  const endpoint = ENDPOINTS[entry.surface ?? ""];
  if (request === undefined || endpoint === undefined) return undefined;
  const { path, server, headers, without = [] } = endpoint;
  const base = addressOf(entry)?.replace(/\/$/, "") ?? server;
  const body = Object.fromEntries(Object.entries(request).filter(([name]) => !without.includes(name)));
  // The variables are for the shell, and so in double quotes; everything of the entry is in single ones.
  const lines = [
    `curl ${quoted(base + path(request))}`,
    ...["content-type: application/json", ...headers, ...sampleHeader(entry)].map((header) => `-H "${header}"`),
    `-d ${quoted(JSON.stringify(body))}`,
  ];
  return lines.join(" \\\n  ");
}

/** The header by which a gateway and `cachedFetch` distinguish independent answers. */
const sampleHeader = ({ sample = 0 }: EntryView): string[] => (sample > 0 ? [`x-remem-sample: ${sample}`] : []);

/** The call that gets this answer from the store at this URL. */
export function inferOf(entry: EntryView, store?: string): string | undefined {
  const parts = chatParts(entry, store);
  if (parts === undefined) return undefined;
  return `import { createRemem } from "remem";

${commentFor(store)}const client = createRemem(${written(parts.client)});
const { response, cacheHit } = await client.infer(
${parts.call}
);
console.log(cacheHit, response);
await client.close();
`;
}

/** A test that reads the answer from the store at this URL, and pays for nothing. */
export function testOf(entry: EntryView, store?: string): string | undefined {
  const parts = chatParts(entry, store);
  const [choice] = entry.choices ?? [];
  if (parts === undefined || choice === undefined) return undefined;
  const text = choice.pieces.flatMap((piece) => (piece.kind === "text" ? [piece.text] : [])).join("\n");
  if (choice.pieces.some((piece) => piece.kind !== "text" || piece.cutFrom !== undefined)) return undefined;
  return `import { createRemem } from "remem";
import { expect, test } from "vitest";

test("the stored answer is still the same", async () => {
  // Asks no server: a missing answer is an error.
${indented(commentFor(store))}  await using client = createRemem(${written({ ...parts.client, cache: "only-if-cached" })});
  const { response } = await client.infer(
${indented(parts.call)}
  );
  expect(response).toBe(${JSON.stringify(text)});
});
`;
}

/** The options of a client that has the same key for the entry, and the arguments of the call. */
function chatParts(
  entry: EntryView,
  store: string | undefined,
): { readonly client: Members; readonly call: string } | undefined {
  const request = requestOf(entry);
  if (request === undefined || entry.surface !== "chat" || typeof request.model !== "string") return undefined;
  const { model, messages, ...params } = request;
  const options = entry.sample ? { sample: entry.sample } : undefined;
  const args = [
    JSON.stringify(messages, null, 2),
    ...(Object.keys(params).length > 0 || options ? [JSON.stringify(params, null, 2)] : []),
    ...(options ? [JSON.stringify(options)] : []),
  ];
  const { scope } = entry;
  const baseURL = addressOf(entry);
  const server = baseURL !== undefined ? { baseURL } : scope !== undefined ? { scope } : {};
  const client = { model, ...server, ...(store !== undefined && { store }) };
  return { client, call: args.map((arg) => `${indented(arg)},`).join("\n") };
}

/** Tells where the store is named, if its URL must not be in a program. */
const commentFor = (store: string | undefined): string =>
  store === undefined ? "// REMEM_STORE must name the store of this answer.\n" : "";

/** The server that has answered, if the scope is its address. */
function addressOf({ scope = "" }: EntryView): string | undefined {
  return /^https?:\/\/[^\s"'$`\\]+$/.test(scope) ? scope : undefined;
}

/** An object as a program writes it in one line. */
function written(members: Members): string {
  return `{ ${Object.entries(members)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(", ")} }`;
}

/** The whole request. */
function requestOf({ request }: EntryView): Members | undefined {
  return request === undefined || request.isCut ? undefined : (request.value as Members);
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
