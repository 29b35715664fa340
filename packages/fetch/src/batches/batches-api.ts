import {
  type DeferredApi,
  type DeferredBatch,
  type DeferredContext,
  isMembers,
  type JsonObject,
  membersOf,
  ProviderError,
} from "@remem/core/plugin";
import { isText, modelOf } from "../json/members.ts";
import type { Message } from "../surfaces/messages.ts";
import { batchIn } from "./batch-object.ts";
import type { Http } from "./http.ts";
import { resultIn } from "./result-line.ts";
import type { Named } from "./server-errors.ts";
import { AROUND_BYTES, submissionBody } from "./submission-body.ts";

/** Members of a request that are sent as headers. A batch has one value of each. */
export const HEADERS = ["anthropic-version", "anthropic-beta"] as const;

export const DEFAULT_VERSION = "2023-06-01";

/** https://platform.claude.com/docs/en/build-with-claude/batch-processing: 100,000 requests, or 256 MB. */
const MAX_REQUESTS = 100_000;
const MAX_BYTES = 256e6 - MAX_REQUESTS * AROUND_BYTES;
const PAGE = 100;

/** Anthropic's Message Batches. Their address is that of messages with `/batches` after it. */
export function messageBatchesApi(http: Http, named: Named): DeferredApi<JsonObject, Message> {
  const { provider } = named;

  function checked(value: unknown): DeferredBatch {
    const batch = batchIn(value);
    if (batch !== undefined) return batch;
    const message = `"${provider}" answered with something else than a batch. It may have no Message Batches.`;
    throw new ProviderError(message, { provider, code: "MALFORMED_ANSWER" });
  }
  const pathOf = (id: string, action = ""): string => `/batches/${encodeURIComponent(id)}${action}`;

  /** All batches, the newest first. */
  async function* listed(context: DeferredContext, limit: number): AsyncGenerator<DeferredBatch, void, undefined> {
    for (let after = ""; ; ) {
      const page = await http.json("GET", `/batches?limit=${limit}${after}`, context);
      const { data, has_more, last_id } = isMembers(page) ? page : {};
      for (const value of membersOf(data)) yield checked(value);
      if (has_more !== true || !isText(last_id)) return;
      after = `&after_id=${encodeURIComponent(last_id)}`;
    }
  }
  /** The newest batch. A batch that is created later comes before it in the list. */
  async function newest(context: DeferredContext): Promise<string> {
    for await (const { id } of listed(context, 1)) return id;
    return "";
  }
  /** Whether the results of a batch are those of a submission. */
  async function isOf(token: string, { id, files }: DeferredBatch, context: DeferredContext): Promise<boolean> {
    if (files.length === 0) return false;
    for await (const text of http.lines(pathOf(id, "/results"), context)) {
      return resultIn(text, named)?.token === token;
    }
    return false;
  }

  /**
   * The results are lost only if the server has deleted them. After any other failure they can be fetched later, and they are
   * paid for.
   */
  async function* results(id: string, context: DeferredContext): AsyncGenerator<string, void, undefined> {
    try {
      yield* http.lines(pathOf(id, "/results"), context);
    } catch (error) {
      if (!ProviderError.is(error) || error.retryable || error.status === 404 || error.status === 410) throw error;
      const { status, cause } = error;
      throw new ProviderError(error.message, { provider, status, retryable: true, cause });
    }
  }

  return {
    limits: { maxRequests: MAX_REQUESTS, maxBytes: MAX_BYTES },
    groupOf,
    line: (_, request) => JSON.stringify(paramsOf(request)),
    async submit(submission, context) {
      await submission.uploaded(submission.fileId ?? (await newest(context)));
      const sent = { headers: headersIn(submission.group), body: submissionBody(submission) };
      return checked(await http.json("POST", "/batches", context, sent));
    },
    async find({ token, fileId, total, others }, context) {
      const known = await others();
      const running: string[] = [];
      for await (const batch of listed(context, PAGE)) {
        if (batch.id === fileId) break;
        if (known.has(batch.id) || batch.counts?.total !== total) continue;
        if (batch.state === "running") running.push(batch.id);
        else if (await isOf(token, batch, context)) return batch;
      }
      if (running.length === 0) return undefined;
      const problem = `Its creation broke off. It may be ${running.join(" or ")}, which is known once that has ended.`;
      return { problem };
    },
    async poll(id, context) {
      return checked(await http.json("GET", pathOf(id), context));
    },
    async *collect({ id, counts }, { idAt, ...context }) {
      let count = 0;
      for await (const text of results(id, context)) {
        const result = resultIn(text, named);
        const key = result && (await idAt(result.line));
        if (result === undefined) continue;
        count += 1;
        if (key !== undefined) yield result.answer(key);
      }
      if (counts === undefined || count >= counts.total) return;
      const message = `"${provider}" gave ${count} of ${counts.total} results of the batch ${id}.`;
      throw new ProviderError(message, { provider, retryable: true });
    },
    async cancel(id, context) {
      return checked(await http.json("POST", pathOf(id, "/cancel"), context));
    },
    // As `cachedFetch` stores it, with the time of the answer.
    read: (message) => ({ ...message, remem: { at: Date.now(), headers: {} } }),
  };
}

/** The body that a direct request has. */
function paramsOf(request: JsonObject): JsonObject {
  const params = { ...request } as { [name: string]: unknown };
  for (const name of HEADERS) delete params[name];
  return params as JsonObject;
}

function groupOf(request: JsonObject): string {
  const headers = HEADERS.flatMap((name) => {
    const value = request[name];
    return isText(value) && value !== DEFAULT_VERSION ? `${name}=${value}` : [];
  });
  return [modelOf(request) ?? "", ...headers].join(" ");
}

/** The headers of a group. */
function headersIn(group: string): Record<string, string> {
  const pairs = HEADERS.flatMap((name) => {
    const value = new RegExp(`(?<= )${name}=(\\S+)`).exec(group)?.[1];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}
