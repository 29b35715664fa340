import { existsSync } from "node:fs";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type AskedRequest, type Explanation, explain as explainRequest } from "@remem/inspect";
import { type CacheStore, fetchSurfaces, memoryStore, storeFileFromUrl } from "remem";
import { type ClientFlags, createClientFor, serverOf } from "../flags/client-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { bytesOf, openInput } from "../input/source.ts";
import { withCache } from "../inspection/open-cache.ts";
import { explanationText } from "../output/explanation-text.ts";
import { standardOutput } from "../output/printer.ts";
import { type FoundRequest, foundRequest, keysOfHttp } from "../requests/found-request.ts";
import type { RequestFlags } from "../requests/read-requests.ts";
import type { RequestLine } from "../requests/request-line.ts";

export interface ExplainFlags extends Omit<ClientFlags, "cache">, Omit<RequestFlags, "output" | "limit" | "shard"> {
  /** The line of the request in the input. By default the line of the first request. */
  readonly line?: number;
  /** The number of the sample. */
  readonly sample?: number;
  /** How many of the nearest entries are shown. */
  readonly nearest: number;
  readonly json?: boolean;
}

/** Tells whether a request would be a hit. If not, it shows the nearest stored ones, and the differences. */
export async function explain(inputPath: string, flags: ExplainFlags): Promise<number> {
  const { http, line } = await requestIn(inputPath, flags);
  if (line?.problem !== undefined) throw new UsageError(line.problem);
  const asked = http === undefined ? [await keyOf(line!, flags)] : await keysOfHttp(http, flags.sample);
  const model = http === undefined ? (line!.item.model ?? flags.model) : modelOfFile(flags, asked[0]!);
  return withCache({ ...flags, ...(model !== undefined && { model }) }, async ({ store, place }) => {
    const printer = standardOutput();
    const { explanation, item } = await firstMissing(store, asked, flags);
    const which = asked.length === 1 ? "" : `item ${item} of ${asked.length}: `;
    const shown = flags.json
      ? JSON.stringify(explanation, null, 2)
      : which + explanationText(explanation, place, printer, http === undefined ? "flags" : "body");
    await printer.print(flags.json ? `${printer.shown(shown)}\n` : shown);
    return explanation.isStored ? 0 : 1;
  });
}

/** Explains, of several items, such as texts of embeddings, the first that is not stored. */
async function firstMissing(
  store: CacheStore,
  asked: readonly AskedRequest[],
  { nearest: limit }: ExplainFlags,
): Promise<{ readonly explanation: Explanation; readonly item: number }> {
  let last: Explanation | undefined;
  for (const [index, one] of asked.entries()) {
    last = await explainRequest(store, one, { surfaces: fetchSurfaces, limit });
    if (!last.isStored) return { explanation: last, item: index + 1 };
  }
  return { explanation: last!, item: asked.length };
}

async function keyOf(line: RequestLine, flags: ExplainFlags): Promise<AskedRequest> {
  await using client = createClientFor({ ...flags, cache: "only-if-cached" }, { store: memoryStore() });
  return client.keyOf(line.item, { sample: flags.sample });
}

/** The model whose file is opened in a directory: the name of the file of `cachedFetch`, if that exists, or else the model of the request. */
function modelOfFile({ store, model }: ExplainFlags, { request }: AskedRequest): string | undefined {
  const ofFetch = storeFileFromUrl(store, { model: "remem", config: false });
  if (ofFetch !== undefined && existsSync(ofFetch.path)) return "remem";
  return typeof request.model === "string" ? request.model : model;
}

/** Reads one request of the input. */
async function requestIn(path: string, flags: ExplainFlags): Promise<FoundRequest> {
  const whole = await text(Readable.from(bytesOf(await openInput(path))));
  return foundRequest(path, whole, { ...flags, output: "-" }, serverOf(flags));
}
