import { type ChatCompletionChunk, isMembers, type JsonObject, visibleChunk } from "@remem/core/plugin";
import type { ChunkView, HttpSurface } from "./http-surface.ts";

/** Streams that always ask the server for the usage, so that it is stored, and show it to callers that asked for it. */
export const streamsWithUsage: Pick<HttpSurface, "streamBody" | "view"> = {
  streamBody: (body) => ({ ...body, stream_options: { ...optionsOf(body), include_usage: true } }),
  view: (body) => (optionsOf(body).include_usage === true ? withUsage : withoutUsage),
};

const withUsage: ChunkView = (chunk) => visibleChunk(chunk as ChatCompletionChunk, true);
const withoutUsage: ChunkView = (chunk) => visibleChunk(chunk as ChatCompletionChunk, false);

function optionsOf({ stream_options: options }: JsonObject): JsonObject {
  return isMembers(options) ? (options as JsonObject) : {};
}
