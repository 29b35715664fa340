import type { Aggregate, JsonObject, Surface } from "@remem/core";
import { describe, expect, test } from "vitest";
import type { Found, HttpSurface, StreamFormat } from "../../src/index.ts";
import { type GoldenStream, streamsOf } from "../golden/rows.ts";

/** A surface as a test calls it, whatever its types. */
export type AnySurface = HttpSurface<JsonObject, JsonObject>;

/** What the tests of all streams need besides the golden ones. */
export interface StreamOptions {
  /** The first part of the ids. */
  readonly kind: string;
  /** Where a stream without a path was sent. */
  readonly path: string;
  /** The part of an answer that is compared. By default all of it. */
  compared?(answer: JsonObject): JsonObject;
}

/** Holds a surface to the golden streams of its kind. */
export function testStreams(http: AnySurface, { kind, path, compared = (answer) => answer }: StreamOptions): void {
  const { surface } = http;
  describe.each(streamsOf(kind))("the stream $id", (golden) => {
    const url = urlOf(golden, path);
    const format = formatOf(http, url);

    test.each([1, 7, Number.POSITIVE_INFINITY])("adds up in pieces of %d bytes", (size) => {
      const aggregate = aggregateOf(surface, readBody(format, golden.raw, size));
      expect(aggregate.isComplete()).toBe(golden.complete);
      if (golden.complete) expect(compared(aggregate.answer())).toEqual(golden.answer);
    });

    test(golden.store ? "is stored" : `is not stored: ${golden.why}`, () => {
      const found = http.find({ url, headers: new Headers(), body: golden.request });
      const aggregate = aggregateOf(surface, readBody(format, golden.raw));
      const isStored = !("passes" in found) && aggregate.isComplete() && isAdmitted(surface, aggregate.answer(), found);
      expect(isStored).toBe(golden.store);
    });

    if (!golden.complete) return;
    test.each([false, true])("is written again from its answer (by word: %s)", (byWord) => {
      const answer = aggregateOf(surface, readBody(format, golden.raw)).answer();
      const aggregate = aggregateOf(surface, readBody(format, writeBody(http, url, answer, byWord), 7));
      expect(aggregate.isComplete()).toBe(true);
      expect(aggregate.answer()).toEqual(answer);
    });
  });
}

export function urlOf({ path }: Pick<GoldenStream, "path">, usual: string): URL {
  return new URL(path ?? usual, "https://api.example.com");
}

export function formatOf({ stream }: AnySurface, url: URL): StreamFormat {
  if (stream === undefined) throw new Error("This surface has no streams.");
  return typeof stream === "function" ? stream(url) : stream;
}

/** Reads a body that arrives in pieces of so many bytes, which end anywhere within a character. */
export function readBody(format: StreamFormat, body: string, size: number = Number.POSITIVE_INFINITY): object[] {
  const bytes = new TextEncoder().encode(body);
  const decoder = new TextDecoder();
  const reader = format.reader();
  const chunks: object[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    chunks.push(...reader.push(decoder.decode(bytes.subarray(at, at + size), { stream: true })));
  }
  return [...chunks, ...reader.push(decoder.decode()), ...reader.flush()];
}

/** The body of a stream that is made of an answer. */
export function writeBody(http: AnySurface, url: URL, answer: JsonObject, byWord = false): string {
  const { start = "", between = "", end = "", write } = formatOf(http, url);
  const chunks = [...(http.surface.chunksOf?.(answer, { byWord }) ?? [])];
  return start + chunks.map(write).join(between) + end;
}

export function aggregateOf(
  { aggregate }: Surface<JsonObject, JsonObject>,
  chunks: readonly object[],
): Aggregate<JsonObject> {
  if (aggregate === undefined) throw new Error("This surface has no streams.");
  const whole = aggregate();
  for (const chunk of chunks) whole.add(chunk);
  return whole;
}

function isAdmitted(surface: AnySurface["surface"], answer: JsonObject, { request }: Found<JsonObject>): boolean {
  expect(surface.isAnswer(answer)).toBe(true);
  const why = surface.whyNotAdmitted?.(answer, request);
  expect(surface.admit(answer, request)).toBe(why === undefined);
  return why === undefined;
}
