import { type DeferredAnswer, type DeferredApi, ProviderError } from "@remem/core/plugin";
import type { CreateOptions } from "../../src/index.ts";
import type { deferredCases } from "../../src/provider-contract/deferred-cases.ts";
import type { Double } from "./provider-doubles.ts";
import { referenceProvider } from "./reference-provider.ts";

/** The reference provider with one promise about batches broken, and what the case reports about it. */
export const DEFERRED_DOUBLES: Readonly<Record<keyof typeof deferredCases, readonly Double[]>> = {
  "a batch gives each request the answer of `generate`, under its id": [
    { broken: "mixes ids up", create: answering((answer) => ({ ...answer, id: "id-0" })), says: "deep-equal" },
    {
      broken: "drops what a line cannot hold",
      create: breaking(({ line }) => ({ line: (id, request) => line(id, request).replace(/[^ -~]/g, "") })),
      says: "deep-equal",
    },
  ],
  "a batch is found by its token, and by its file": [
    { broken: "finds nothing", create: breaking(() => ({ find: async () => undefined })), says: "strictly equal" },
    {
      broken: "knows no files",
      create: breaking(({ find }) => ({ find: (lost, context) => find({ ...lost, fileId: undefined }, context) })),
      says: "strictly equal",
    },
  ],
  "an uploaded file is told before its batch is created, and is not uploaded again": [
    {
      broken: "tells it late",
      create: breaking(({ submit }) => ({
        async submit(submission, context) {
          const batch = await submit({ ...submission, uploaded: async () => {} }, context);
          await submission.uploaded("file-1");
          return batch;
        },
      })),
      says: "deep-equal",
    },
    {
      broken: "uploads again",
      create: breaking(({ submit }) => ({
        submit: (submission, context) => submit({ ...submission, fileId: undefined }, context),
      })),
      says: "strictly equal",
    },
  ],
  "an upload that is refused for its rate is retried with the whole file": [
    { broken: "never retries", create: (options) => referenceProvider({ ...options, maxRetries: 0 }), says: "429" },
  ],
  "the creation of a batch is not retried": [
    {
      broken: "retries it",
      create: breaking(({ submit }) => ({
        submit: (submission, context) => submit(submission, context).catch(() => submit(submission, context)),
      })),
      says: "Missing expected rejection",
    },
  ],
  "a request that failed has an error with status, and one that was not executed is told apart": [
    {
      broken: "takes them for the same",
      create: answering((answer) => ("error" in answer ? { ...answer, isUnasked: true } : answer)),
      says: "isUnasked",
    },
    {
      broken: "keeps no status",
      create: answering((answer) =>
        "error" in answer
          ? { ...answer, error: new ProviderError(answer.error.message, { provider: "reference" }) }
          : answer,
      ),
      says: "strictly equal",
    },
  ],
  "a batch that failed tells why, and which line is meant": [
    {
      broken: "tells nothing",
      create: breaking(({ poll }) => ({ poll: async (...call) => ({ ...(await poll(...call)), problems: [] }) })),
      says: "deep-equal",
    },
  ],
  "a batch is cancelled, and its answers so far are collected": [
    { broken: "does not cancel", create: breaking(({ poll }) => ({ cancel: poll })), says: "must have ended" },
  ],
  "a file that is gone, and a batch that is unknown, are ProviderErrors with a status": [
    {
      broken: "takes it for empty",
      create: breaking(({ collect }) => ({
        async *collect(...call) {
          try {
            yield* collect(...call);
          } catch {}
        },
      })),
      says: "Missing expected rejection",
    },
  ],
  "batch calls reject with the signal's reason once it is aborted": [
    {
      broken: "ignores it",
      create: breaking(({ poll }) => ({ poll: (id) => poll(id, { signal: new AbortController().signal }) })),
      says: "It answered 404",
    },
  ],
};

function breaking(change: (api: DeferredApi) => Partial<DeferredApi>): Double["create"] {
  return (options: CreateOptions) => {
    const provider = referenceProvider(options);
    const deferred = provider.deferred!;
    return { ...provider, deferred: { ...deferred, ...change(deferred) } };
  };
}

function answering(change: (answer: DeferredAnswer) => DeferredAnswer): Double["create"] {
  return breaking(({ collect }) => ({
    async *collect(...call) {
      for await (const answer of collect(...call)) yield change(answer);
    },
  }));
}
