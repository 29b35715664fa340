import { inFormat } from "../../src/surfaces/embeddings/embedding-format.ts";
import type { StreamFormat } from "../../src/surfaces/http-surface.ts";
import { type AnySurface, builtInSurfaces } from "../../src/surfaces/surfaces.ts";
import { type GoldenRequest, streamsOf } from "../golden/rows.ts";

/** The kind of request that goes to this address. */
export const kindAt = (url: URL): AnySurface | undefined => builtInSurfaces.find((one) => one.matches(url));

/** Some of the requests ask for JSON. */
const TEXT = '{"city":"Paris"}';
const CHAT = {
  id: "1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: TEXT }, finish_reason: "stop" }],
};
const MODERATION = { id: "1", model: "m", results: [{ flagged: false, categories: {} }] };

/** An answer of this kind that is worth storing. */
function answerOf(kind: string): object {
  if (kind === "chat") return CHAT;
  if (kind === "moderations") return MODERATION;
  if (kind === "ollama-generate") return { model: "m", response: TEXT, done: true, done_reason: "stop" };
  const stored = streamsOf(kind.replace("ollama-chat", "ollama")).find(
    ({ store, request }) => store && !("tools" in request),
  );
  const texts = (name: string, value: unknown) =>
    typeof value === "string" && (name === "text" || name === "content") ? TEXT : value;
  return JSON.parse(JSON.stringify(stored!.answer), texts);
}

const lengthOf = (one: unknown): number => JSON.stringify(one).length;

/** The same for a content with the user's role and for one without a role. */
function geminiVector(request: unknown): { readonly values: readonly number[] } {
  const { content } = request as { readonly content: { readonly parts: unknown } };
  return { values: [1, lengthOf(content.parts)] };
}

/** What a server would answer to a recorded request. */
export function replyTo(
  kind: AnySurface | undefined,
  url: URL,
  body: GoldenRequest["body"],
  headers: Headers,
): Response {
  if (kind === undefined) return Response.json({});
  if ("split" in kind) {
    if ("content" in body) return Response.json({ embedding: geminiVector(body) });
    if (Array.isArray(body.requests)) {
      return Response.json({ embeddings: body.requests.map(geminiVector) });
    }
    const { input } = body;
    const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
    if (kind.surface.name === "ollama-embeddings") {
      return Response.json({ model: "m", embeddings: inputs.map((one) => [1, lengthOf(one)]) });
    }
    return Response.json({
      object: "list",
      data: inputs.map((one, index) => ({
        index,
        embedding: inFormat([1, lengthOf(one)], body.encoding_format === "base64"),
      })),
      model: "m",
    });
  }
  const plain = answerOf(kind.surface.name);
  const answer = kind.echo?.(plain, body) ?? plain;
  const found = kind.find({ url, body, headers });
  if ("passes" in found || !found.isStream) return Response.json(answer);
  const { start = "", between = "", end = "", write, contentType } = formatOf(kind.stream!, url);
  const shown = kind.view?.(body) ?? ((chunk) => chunk);
  const chunks = [...kind.surface.chunksOf!(answer)].flatMap((chunk) => shown(chunk) ?? []).map(write);
  return new Response(start + chunks.join(between) + end, { headers: { "content-type": contentType } });
}

const formatOf = (stream: StreamFormat | ((url: URL) => StreamFormat), url: URL): StreamFormat =>
  typeof stream === "function" ? stream(url) : stream;
