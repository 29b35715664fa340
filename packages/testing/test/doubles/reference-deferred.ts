import {
  type DeferredAnswer,
  type DeferredApi,
  type DeferredBatch,
  type DeferredContext,
  type DeferredSubmission,
  ProviderError,
} from "@remem/core/plugin";
import type { CreateOptions } from "../../src/index.ts";
export const KEY = "key-0123456789";

const provider = "reference";
type Members = Readonly<Record<string, unknown>>;

/** A Batch API that keeps every promise of the contract and does nothing else. */
export function referenceDeferred({ baseURL, fetch, maxRetries }: CreateOptions): DeferredApi {
  async function send(path: string, { signal }: DeferredContext, init: RequestInit = {}): Promise<string> {
    signal.throwIfAborted();
    const headers = { authorization: `Bearer ${KEY}`, ...init.headers };
    const response = await fetch(`${baseURL}${path}`, { ...init, headers, signal }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new ProviderError("No answer arrived.", { provider, retryable: true, cause });
    });
    const text = await response.text();
    if (response.ok) return text;
    throw new ProviderError(`It answered ${response.status}`, { provider, status: response.status });
  }
  async function upload({ token, lines }: DeferredSubmission, context: DeferredContext): Promise<string> {
    const form = new FormData();
    form.set("purpose", "batch");
    let text = "";
    for await (const line of lines()) text += `${line}\n`;
    form.set("file", new File([text], token));
    for (let attempt = 0; ; attempt += 1) {
      try {
        return JSON.parse(await send("/files", context, { method: "POST", body: form })).id;
      } catch (error) {
        if (!ProviderError.is(error) || error.status !== 429 || attempt >= maxRetries) throw error;
      }
    }
  }
  return {
    limits: { maxRequests: 50_000, maxBytes: 200e6 },
    groupOf: ({ model }) => model,
    line: (custom_id, body) => JSON.stringify({ custom_id, method: "POST", url: "/v1/chat/completions", body }),
    async submit(submission, context) {
      const fileId = submission.fileId ?? (await upload(submission, context));
      await submission.uploaded(fileId);
      const body = {
        input_file_id: fileId,
        endpoint: "/v1/chat/completions",
        completion_window: "24h",
        metadata: { token: submission.token },
      };
      const headers = { "content-type": "application/json" };
      return batchOf(await send("/batches", context, { method: "POST", headers, body: JSON.stringify(body) }));
    },
    async find({ token, fileId }, context) {
      const { data } = JSON.parse(await send("/batches?limit=100", context)) as { data: Members[] };
      const found = data.find(
        ({ metadata, input_file_id }) => input_file_id === fileId || (metadata as Members).token === token,
      );
      return found && batchOf(JSON.stringify(found));
    },
    poll: async (id, context) => batchOf(await send(`/batches/${id}`, context)),
    async *collect({ files }, context) {
      for (const file of files) {
        const text = await send(`/files/${file}/content`, context);
        for (const line of text.trim().split("\n")) yield answerOf(JSON.parse(line));
      }
    },
    cancel: async (id, context) => batchOf(await send(`/batches/${id}/cancel`, context, { method: "POST" })),
  };
}

const STATES: Readonly<Record<string, DeferredBatch["state"]>> = {
  completed: "completed",
  expired: "partial",
  cancelled: "partial",
  failed: "failed",
};

function batchOf(text: string): DeferredBatch {
  const { id, status, errors, output_file_id, error_file_id } = JSON.parse(text);
  const problems = (errors?.data ?? []) as ReadonlyArray<{ code: string; message: string; line?: number }>;
  return {
    id,
    status,
    state: STATES[status] ?? "running",
    problems: problems.map((problem) => ({ ...problem, isQueueFull: problem.code === "token_limit_exceeded" })),
    files: [output_file_id, error_file_id].filter((file) => file !== null),
  };
}

interface Line {
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: never } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

function answerOf({ custom_id: id, response, error }: Line): DeferredAnswer {
  if (response === null) {
    const isUnasked = error?.code === "batch_expired" || error?.code === "batch_cancelled";
    return { id, error: new ProviderError(String(error?.message), { provider }), isUnasked };
  }
  const { status_code: status, body } = response;
  if (status < 300) return { id, completion: body };
  const text = JSON.stringify(body);
  return { id, error: new ProviderError(`It answered ${status}: ${text}`, { provider, status }), isUnasked: false };
}
