import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { type CallParams, cacheKey } from "remem";
import { UsageError } from "../flags/usage-error.ts";
import { formatOf, type InputFormat } from "../input/input-format.ts";
import { type Row, rowsOf } from "../input/rows.ts";
import { openInput } from "../input/source.ts";
import { isBatchRow, parseBatchLine } from "./batch-line.ts";
import { checkColumnFlags } from "./columns.ts";
import { isMessageRow, parseMessageLine } from "./message-line.ts";
import { parsePlainLine } from "./plain-line.ts";
import { createPromptMaker, type PromptFlags } from "./prompt.ts";
import { badLine, type LineFlags, type RequestLine } from "./request-line.ts";

/** One of equally large parts of an input. */
export interface Shard {
  /** Counted from 1. */
  readonly index: number;
  readonly count: number;
}

export interface RequestFlags extends LineFlags, PromptFlags {
  /** By default the ending of the path tells the format. */
  readonly inputFormat?: InputFormat;
  /** The number of lines to answer. */
  readonly limit?: number;
  /** The part of the lines to answer. */
  readonly shard?: Shard;
  readonly model?: string;
  readonly param: CallParams;
}

/** Reads the requests of an input. */
export interface RequestReader {
  /**
   * Reads a file once before the run, so that nothing is sent if a line will stop the run, and returns the number of lines to
   * answer. Undefined for an input that can be read only once.
   * @throws {UsageError}
   */
  count(): Promise<number | undefined>;
  open(): Promise<Requests>;
  /** @throws {UsageError} if the row does not fit the flags */
  parse(row: Row): RequestLine;
}

export interface Requests {
  /** The model that the first line names. */
  readonly model: string | undefined;
  /** Whether they are for Anthropic's messages, as the first line is. */
  readonly isMessages: boolean;
  /** The lines to answer. */
  readonly lines: AsyncIterable<RequestLine>;
  /** Reads no further. */
  close(): void;
}

/** @throws {UsageError} if flags cannot be used, or contradict each other */
export function createRequestReader(
  path: string,
  flags: RequestFlags,
  { takesMessages = false }: { readonly takesMessages?: boolean } = {},
): RequestReader {
  checkColumnFlags(flags);
  const { shard, limit = Number.POSITIVE_INFINITY, model, param } = flags;
  const format = flags.inputFormat ?? formatOf(path);
  const prompts = createPromptMaker(flags);

  let isMessages: boolean | undefined;

  function parse(row: Row): RequestLine {
    if (isMessages) return parseMessageLine(row, flags);
    if (isBatchRow(row)) return parseBatchLine(row, flags);
    return row.problem === undefined ? parsePlainLine(row, flags, prompts) : badLine(row, row.problem, {});
  }
  /** Equal requests are in one shard, even if they are on different lines. */
  function isOurs({ item, number }: RequestLine, { index, count }: Shard): boolean {
    return shardOf({ model: model ?? "", ...param, ...item }, number, count) === index;
  }
  async function* parsed(input: Readable): AsyncGenerator<RequestLine, void, undefined> {
    for await (const row of rowsOf(input, format)) {
      isMessages ??= isMessageRow(row);
      if (isMessages && !takesMessages) throw new UsageError(NO_MESSAGES);
      yield parse(row);
    }
  }
  async function* selected(lines: AsyncIterable<RequestLine>): AsyncGenerator<RequestLine, void, undefined> {
    let taken = 0;
    for await (const line of lines) {
      if (shard !== undefined && !isOurs(line, shard)) continue;
      yield line;
      taken += 1;
      if (taken >= limit) return;
    }
  }

  return {
    parse,
    async count() {
      if (path === "-") return undefined;
      const file = await stat(path);
      if (file.isDirectory()) throw new UsageError(`${path} is a directory, not a file of requests.`);
      if (!file.isFile()) return undefined;
      let count = 0;
      for await (const _ of selected(parsed(await openInput(path)))) count += 1;
      return count;
    },
    async open() {
      const input = await openInput(path);
      const lines = parsed(input);
      const first = await lines.next();
      return {
        isMessages: isMessages ?? false,
        model: first.done ? undefined : first.value.item.model,
        lines: selected(again(first, lines)),
        close: () => void input.destroy(),
      };
    },
  };
}

const NO_MESSAGES =
  "these lines are for Anthropic's Message Batches: `remem batch --deferred` answers them. Programs that ask directly share its answers through `remem serve`, `remem run` or cachedFetch.";

/** Yields the item that was taken from a generator, and then the rest. */
async function* again<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T>): AsyncGenerator<T, void, undefined> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** The shard of a line without a key depends on its number. */
function shardOf(request: object, number: number, count: number): number {
  let part = number;
  try {
    part = Number.parseInt(cacheKey(request as Parameters<typeof cacheKey>[0]).slice(0, 8), 16);
  } catch {
    // The request is refused in its place.
  }
  return (part % count) + 1;
}
