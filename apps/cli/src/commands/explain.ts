import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { explain as explainRequest } from "@remem/inspect";
import { fetchSurfaces } from "remem";
import { type ClientFlags, createClientFor } from "../flags/client-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { formatOf } from "../input/input-format.ts";
import { rowsOf } from "../input/rows.ts";
import { bytesOf, openInput } from "../input/source.ts";
import { explanationText } from "../output/explanation-text.ts";
import { standardOutput } from "../output/printer.ts";
import { createRequestReader, type RequestFlags } from "../requests/read-requests.ts";
import type { RequestLine } from "../requests/request-line.ts";
import { withCache } from "./open-cache.ts";

export interface ExplainFlags extends Omit<ClientFlags, "cache">, Omit<RequestFlags, "output" | "limit" | "shard"> {
  /** Which line of the input is meant. The first by default. */
  readonly line: number;
  /** Which of several answers is meant. */
  readonly sample?: number;
  /** How many of the nearest entries are shown. */
  readonly nearest: number;
  readonly json?: boolean;
}

/** Tells whether a request would be a hit and, if not, from which stored ones it differs, and in what. */
export async function explain(inputPath: string, flags: ExplainFlags): Promise<number> {
  const { item, problem } = await requestIn(inputPath, flags);
  if (problem !== undefined) throw new UsageError(problem);
  const model = item.model ?? flags.model;
  return withCache({ ...flags, ...(model !== undefined && { model }) }, async ({ store, place }) => {
    const { sample, nearest: limit } = flags;
    await using client = createClientFor({ ...flags, cache: "only-if-cached" }, { store });
    const explanation = await explainRequest(store, client.keyOf(item, { sample }), { surfaces: fetchSurfaces, limit });
    const printer = standardOutput();
    const shown = flags.json ? JSON.stringify(explanation, null, 2) : explanationText(explanation, place, printer);
    await printer.print(flags.json ? `${printer.shown(shown)}\n` : shown);
    return explanation.isStored ? 0 : 1;
  });
}

/** Reads one request: a JSON object in any layout, the body of an HTTP request, or a line of a batch. */
async function requestIn(path: string, flags: ExplainFlags): Promise<RequestLine> {
  const whole = await text(Readable.from(bytesOf(await openInput(path))));
  const body = /^[A-Z]+ \S+ HTTP\/[\d.]+\r?\n/.test(whole) ? whole.replace(/^.*?\r?\n\r?\n/s, "") : whole;
  const format = isJson(body) ? "json" : (flags.inputFormat ?? formatOf(path));
  const reader = createRequestReader(path, { ...flags, output: "-" });
  let number = 0;
  for await (const row of rowsOf(Readable.from([Buffer.from(body)], { objectMode: false }), format)) {
    number += 1;
    if (number === flags.line) return reader.parse(row);
  }
  throw new UsageError(`${path} has ${number === 0 ? "no request" : `only ${number} lines`}.`);
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
