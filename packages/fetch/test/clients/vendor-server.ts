import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { isMembers, type JsonObject } from "@remem/core/plugin";
import { onTestFinished } from "vitest";
import { builtInSurfaces } from "../../src/surfaces/surfaces.ts";
import { type GoldenStream, streamsOf } from "../golden/rows.ts";
import { type AnySurface, writeBody } from "../surfaces/streams.ts";

/** A loopback server that answers Responses, Messages, Gemini's and Ollama's requests. */
export interface VendorServer {
  readonly origin: string;
  /** How many requests have arrived. */
  readonly calls: number;
}

export type Kind = "text" | "tools" | "structured";

/** The text of a structured answer. */
const JSON_TEXT = '{"city":"Kraków"}';

/** The recorded answers of each surface. */
const ANSWERS: Readonly<Record<string, Readonly<Record<"text" | "tools", GoldenStream>>>> = {
  responses: golden("responses/text", "responses/two-function-calls"),
  messages: golden("messages/text-ping", "messages/text-and-two-tools"),
  gemini: golden("gemini/text", "gemini/two-function-calls"),
  "ollama-chat": golden("ollama/text", "ollama/tools"),
};

/** Headers that are kept with an answer. Clients show some of them to their callers. */
const HEADERS = { "x-request-id": "req_1", "request-id": "req_1", "x-gemini-service-tier": "standard" };

/** Starts a server that answers with a text, with calls of the tool `river`, or with JSON, as the request asks. */
export async function vendorServer(): Promise<VendorServer> {
  let calls = 0;
  const server = createServer(async (request, response) => {
    calls += 1;
    const url = new URL(request.url!, "http://localhost");
    const surface = builtInSurfaces.find((one) => one.matches(url));
    const body = (await json(request)) as JsonObject;
    const answers = ANSWERS[surface?.surface.name ?? ""];
    if (answers === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { contentType, text } = replyTo(surface as unknown as AnySurface, answers, url, body);
    response.writeHead(200, { ...HEADERS, "content-type": contentType }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    get calls() {
      return calls;
    },
  };
}

function replyTo(
  surface: AnySurface,
  answers: Readonly<Record<"text" | "tools", GoldenStream>>,
  url: URL,
  body: JsonObject,
): { readonly contentType: string; readonly text: string } {
  const kind = kindOf(body);
  const { answer, raw, contentType } = answers[kind === "structured" ? "text" : kind];
  const whole = kind === "structured" ? withJson(answer!) : answer!;
  if (!isStream(surface.surface.name, url, body))
    return { contentType: "application/json", text: JSON.stringify(whole) };
  return { contentType, text: kind === "structured" ? writeBody(surface, url, whole, true) : raw };
}

function isStream(name: string, { pathname }: URL, { stream }: JsonObject): boolean {
  if (name === "gemini") return pathname.endsWith(":streamGenerateContent");
  return name === "ollama-chat" ? stream !== false : stream === true;
}

function kindOf(body: JsonObject): Kind {
  if (Array.isArray(body.tools) && body.tools.length > 0) return isAnswered(body) ? "text" : "tools";
  const { text, output_config: output, generationConfig: config, format } = body;
  if (isMembers(text) && isMembers(text.format) && text.format.type === "json_schema") return "structured";
  if (isMembers(output) && isMembers(output.format)) return "structured";
  if (isMembers(config) && config.responseMimeType === "application/json") return "structured";
  return isMembers(format) ? "structured" : "text";
}

/** Whether the request brings the results of the calls. */
function isAnswered({ input }: JsonObject): boolean {
  return Array.isArray(input) && input.some((item) => isMembers(item) && item.type === "function_call_output");
}

/** The answer with JSON for its text. */
function withJson(answer: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(answer), (name, value) =>
    typeof value === "string" && (name === "text" || name === "content") ? JSON_TEXT : value,
  );
}

function golden(text: string, tools: string): Readonly<Record<"text" | "tools", GoldenStream>> {
  return { text: one(text), tools: one(tools) };
}

function one(id: string): GoldenStream {
  const found = streamsOf(id.split("/")[0]!).find((stream) => stream.id === id)!;
  // The cache hides the tokens that a message counts at its start.
  if (id.startsWith("messages"))
    return { ...found, raw: found.raw.replace('"output_tokens":1,', '"output_tokens":0,') };
  if (found.answer?.message === undefined) return found;
  // Ollama's answers have the time of their last line.
  const { created_at } = JSON.parse(found.raw.trimEnd().split("\n").at(-1)!);
  return { ...found, answer: { ...found.answer, created_at } };
}
