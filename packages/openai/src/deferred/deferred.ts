import { setTimeout as sleep } from "node:timers/promises";
import {
  type ChatRequest,
  createTimeout,
  type DeferredApi,
  type DeferredBatch,
  type DeferredContext,
  type DeferredLimits,
  type DeferredSubmission,
  isMembers,
  type Members,
  membersOf,
  ProviderError,
  raceSignal,
} from "@remem/core/plugin";
import { parseOr } from "../body/parse-body.ts";
import { readText } from "../body/read-text.ts";
import { type ChatCompletionsOptions, sessionsOf } from "../chat-completions.ts";
import type { Answer, AnyClient, ChatClient } from "../client/chat-client.ts";
import { type CompletionsAtOptions, sessionsAt } from "../completions-at.ts";
import { malformed, stalled, tooLarge } from "../errors/answer-errors.ts";
import { type CompletionsOptions, maxBytesOf, openSession, type Session } from "../session.ts";
import { batchIn, isBatchOf, TOKEN } from "./batch-object.ts";
import { linesOf } from "./file-lines.ts";
import { formOf } from "./form.ts";
import { answerIn } from "./result-line.ts";

/** The differences between the Batch APIs of servers. */
export interface BatchServer {
  /** The limits of one batch. */
  readonly limits: DeferredLimits;
  /** The number of retries of an upload. 5 by default. */
  readonly maxRetries?: number | undefined;
  /** The `url` of each line, and the `endpoint` of a batch. */
  readonly endpoint: string;
  /** How long the server keeps an uploaded file, in seconds. Its own default by default. */
  readonly expiresAfter?: number | undefined;
  /** Returns the request as it stands in a line. By default it stays the same. */
  toLine?(request: ChatRequest): ChatRequest;
  /** See `DeferredApi.read`. */
  readonly read?: DeferredApi["read"];
}

/** Creates the Batch API of the server at an address. Loads the `openai` package on the first request. */
export function batchesAt(options: CompletionsAtOptions, server: BatchServer): DeferredApi {
  return deferredApi(sessionsAt(options), { maxRetries: options.maxRetries, ...server });
}

/** Creates the Batch API of a server that is asked through an `openai` client. */
export function chatBatches(options: ChatCompletionsOptions, server: BatchServer): DeferredApi {
  return deferredApi(sessionsOf(options), server);
}

/** https://platform.openai.com/docs/guides/batch: up to 50,000 requests, and 200 MB, for a single model. */
export const OPENAI_LIMITS: DeferredLimits = { maxRequests: 50_000, maxBytes: 200e6 };

/** An upload of 200 MB takes 10 minutes at 3 Mbit/s. */
const UPLOAD_MS = 600_000;
const FIRST_PAUSE_MS = 500;
/** How many batches `find` looks at. */
const PAGES = 20;
const PAGE = 100;

export function deferredApi(options: CompletionsOptions, server: BatchServer): DeferredApi {
  const { limits, endpoint, expiresAfter, toLine = (request) => request, read } = server;
  const { timeoutMs, timeoutOption = "`timeoutMs`", id: provider } = options;
  const maxBytes = maxBytesOf(options);
  const { maxRetries = 5 } = server;

  async function within<T>(
    context: DeferredContext,
    streams: boolean,
    run: (session: Session) => Promise<T>,
  ): Promise<T> {
    const session = await openSession(options, context, streams);
    try {
      return await raceSignal(run(session), context.signal);
    } catch (error) {
      throw session.failed(error, false);
    }
  }
  /** Sends a request, and returns the object in its answer. */
  function call(context: DeferredContext, send: (client: AnyClient) => Answer): Promise<Members> {
    return within(context, false, (session) => objectOf(session, send));
  }
  async function objectOf({ send, about }: Session, run: (client: AnyClient) => Answer): Promise<Members> {
    const answer = await send((client: ChatClient) => run(client as unknown as AnyClient));
    if ("value" in answer) return isMembers(answer.value) ? answer.value : {};
    const at = { ...about, status: answer.response.status };
    const text = await readText(answer.response, maxBytes);
    if (text === undefined) throw tooLarge(maxBytes, at);
    const value = parseOr(text);
    if (!isMembers(value)) throw malformed("is no object of a Batch API", at);
    return value;
  }
  function checked(value: unknown): DeferredBatch {
    const batch = batchIn(value);
    if (batch !== undefined) return batch;
    const message = `"${provider}" answered with something else than a batch. Its server may have no Batch API.`;
    throw new ProviderError(message, { provider, code: "MALFORMED_ANSWER" });
  }

  async function upload({ token, bytes, lines }: DeferredSubmission, context: DeferredContext): Promise<string> {
    const expiry = expiresAfter && {
      "expires_after[anchor]": "created_at",
      "expires_after[seconds]": `${expiresAfter}`,
    };
    const name = `remem-${token}.jsonl`;
    const form = formOf(`remem-${token}`, { purpose: "batch", ...expiry }, { name, bytes, lines });
    const { signal } = context;
    for (let attempt = 1; ; attempt += 1) {
      let waitMs: number | undefined;
      try {
        const file = await within(context, false, (session) =>
          objectOf(session, (client) =>
            // The SDK cannot send a stream a second time.
            client.post("/files", {
              body: form.body(),
              headers: form.headers,
              signal,
              maxRetries: 0,
              timeout: UPLOAD_MS,
            }),
          ).catch((error: unknown) => {
            waitMs = session.waitMs();
            throw error;
          }),
        );
        if (typeof file.id === "string") return file.id;
        throw new ProviderError(`"${provider}" accepted a file, but returned no id.`, { provider });
      } catch (error) {
        const pauseMs = waitMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
        const isHopeless = !ProviderError.is(error) || !error.retryable || pauseMs > timeoutMs;
        if (isHopeless || attempt > maxRetries) throw error;
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  return {
    limits,
    groupOf: (request) => toLine(request).model,
    line: (custom_id, request) => JSON.stringify({ custom_id, method: "POST", url: endpoint, body: toLine(request) }),
    async submit(submission, context) {
      const fileId = submission.fileId ?? (await upload(submission, context));
      await submission.uploaded(fileId);
      const body = {
        input_file_id: fileId,
        endpoint,
        completion_window: "24h",
        metadata: { [TOKEN]: submission.token },
      };
      const { signal } = context;
      return checked(await call(context, (client) => client.post("/batches", { body, signal, maxRetries: 0 })));
    },
    async find(submission, context) {
      const { signal } = context;
      let after: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const query = { limit: PAGE, ...(after !== undefined && { after }) };
        const { data, has_more } = await call(context, (client) => client.get("/batches", { query, signal }));
        const batches = membersOf(data);
        const found = batches.find((batch) => isBatchOf(batch, submission));
        if (found !== undefined) return checked(found);
        after = batchIn(batches.at(-1))?.id;
        if (has_more !== true || after === undefined) return undefined;
      }
      return undefined;
    },
    async poll(id, context) {
      const { signal } = context;
      return checked(await call(context, (client) => client.get(`/batches/${encodeURIComponent(id)}`, { signal })));
    },
    async *collect({ files }, context) {
      const { signal } = context;
      const idle = createTimeout(timeoutMs);
      for (const file of files) {
        const session = await openSession(options, context, true);
        const { about, send, failed } = session;
        const path = `/files/${encodeURIComponent(file)}/content`;
        try {
          const opened = send((client) => (client as unknown as AnyClient).get(path, { signal }));
          const lines = linesOf(
            await raceSignal(opened, signal),
            { maxBytes, signal, within: (piece) => idle(piece, () => stalled(timeoutMs, timeoutOption, provider)) },
            about,
          );
          for await (const line of lines) {
            const answer = answerIn(line, about);
            if (answer !== undefined) yield answer;
          }
        } catch (error) {
          throw failed(error, true);
        }
      }
    },
    async cancel(id, context) {
      const path = `/batches/${encodeURIComponent(id)}/cancel`;
      const { signal } = context;
      return checked(await call(context, (client) => client.post(path, { signal })));
    },
    ...(read !== undefined && { read }),
  };
}
