import { type FileHandle, open } from "node:fs/promises";
import { type Client, type InferRequest, parseJson, RememError } from "remem";
import { type ClientFlags, createClientFor } from "../flags/client-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { linesOf } from "../input/lines.ts";
import { bytesOf, openInput } from "../input/source.ts";
import { isObject, type Members } from "../json.ts";
import { tell } from "../output/complain.ts";
import { number } from "../progress/figures.ts";

export interface AnswerFlags extends Pick<ClientFlags, "store" | "model" | "provider" | "baseUrl" | "pythonKeys"> {
  /** The file of the requests that `--misses` has written. */
  readonly requests: string;
  /** How many answers to each request `--misses` has asked for. One by default. */
  readonly samples?: number;
}

interface Place {
  readonly at: number;
  readonly bytes: number;
}

/** Stores the answers of a Batch API, each under the key of its request. */
export async function importAnswers(path: string, flags: AnswerFlags): Promise<number> {
  const answers = await open(path);
  const count = { imported: 0, kept: 0, failed: 0, mismatched: 0, notStored: 0 };
  let firstFailure: string | undefined;
  let client: Client | undefined;

  async function take({ custom_id, body }: Members, answer: Members): Promise<void> {
    const request = body as unknown as InferRequest;
    client ??= createClientFor(
      { ...flags, cache: "default", param: {}, journal: false },
      { storeModel: flags.model ?? request.model },
    );
    const own = Array.from({ length: flags.samples ?? 1 }, (_, sample) => ({ sample })).find(
      (one) => client?.keyOf(request, one).key === custom_id,
    );
    if (own === undefined) count.mismatched += 1;
    else if (await client.has(request, own)) count.kept += 1;
    else {
      const { response, error } = answer;
      const { status_code: status, body: completion } = isObject(response) ? response : {};
      if (typeof status === "number" && status >= 200 && status < 300) {
        const reason = await client.put(request, completion as never, own);
        count[reason === undefined ? "imported" : "notStored"] += 1;
      } else failed(messageIn(completion) ?? messageIn({ error }) ?? "without a reason");
    }
  }
  function failed(message: string): void {
    count.failed += 1;
    firstFailure ??= message;
  }
  try {
    const places = await placesIn(answers);
    for await (const { text } of linesOf(bytesOf(await openInput(flags.requests)))) {
      const request = parsed(text);
      const place = isObject(request) ? places.get(String(request.custom_id)) : undefined;
      if (!isObject(request) || !isObject(request.body) || place === undefined) continue;
      places.delete(String(request.custom_id));
      try {
        await take(request, parsed(await textAt(answers, place)) as Members);
      } catch (error) {
        if (!RememError.is(error) || error.code.startsWith("STORE")) throw error;
        failed(error.message);
      }
    }
    const foreign = places.size;
    const rows = [
      `${number(count.imported)} imported, ${number(count.kept)} already present, ${number(count.failed)} failed`,
      count.notStored > 0 && `${number(count.notStored)} not worth storing`,
      foreign > 0 && `${number(foreign)} without a request in ${flags.requests}`,
      count.mismatched > 0 && `${number(count.mismatched)} with another key than that of their request`,
    ];
    tell(rows.filter((row) => row !== false).join(", "));
    if (firstFailure !== undefined) tell(`remem: first failure: ${firstFailure}`);
    if (count.mismatched > 0) {
      tell(
        "remem: keys depend on the server: give --base-url, --provider, --python-keys and --samples as for --misses",
      );
    }
    return count.failed + count.mismatched + foreign + count.notStored > 0 ? 1 : 0;
  } finally {
    await answers.close();
    await client?.close();
  }
}

/** The position of each answer, by its `custom_id`: answers are in any order, and too large to keep in memory. */
async function placesIn(file: FileHandle): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  let rest = Buffer.alloc(0);
  let at = 0;
  function take(line: Buffer, start: number): void {
    if (line.toString().trim() === "") return;
    const value = parsed(line.toString());
    if (!isObject(value) || typeof value.custom_id !== "string") {
      throw new UsageError("the file has no answers of a Batch API: a line has no custom_id.");
    }
    places.set(value.custom_id, { at: start, bytes: line.length });
  }
  for await (const piece of file.createReadStream({ start: 0, autoClose: false })) {
    rest = Buffer.concat([rest, piece as Buffer]);
    let from = 0;
    for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a, from)) {
      take(rest.subarray(from, end), at + from);
      from = end + 1;
    }
    at += from;
    rest = rest.subarray(from);
  }
  take(rest, at);
  return places;
}

async function textAt(file: FileHandle, { at, bytes }: Place): Promise<string> {
  const { buffer } = await file.read({ buffer: Buffer.alloc(bytes), position: at });
  return buffer.toString();
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function messageIn(body: unknown): string | undefined {
  const error = isObject(body) ? body.error : undefined;
  return isObject(error) && typeof error.message === "string" ? error.message : undefined;
}
