import { type ChatCompletionChunk, isMembers, type JsonObject, visibleChunk } from "@remem/core/plugin";
import type { HttpSurface } from "./http-surface.ts";

/** Streams that always ask the server for the usage, so that it is stored, and show it to those who asked for it. */
export const streamsWithUsage: Pick<HttpSurface, "streamBody" | "visible"> = {
  streamBody: (body) => ({ ...body, stream_options: { ...optionsOf(body), include_usage: true } }),
  visible: (chunk, body) => visibleChunk(chunk as ChatCompletionChunk, optionsOf(body).include_usage === true),
};

function optionsOf({ stream_options: options }: JsonObject): JsonObject {
  return isMembers(options) ? (options as JsonObject) : {};
}
