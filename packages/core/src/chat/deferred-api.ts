import type * as contract from "../contracts/deferred-api.ts";
import type * as job from "../deferred/deferred-job.ts";
import type { InferFailure, InferResult } from "./answer/infer-result.ts";
import type { ChatCompletion, ChatRequest } from "./chat-completion.ts";

/** A Batch API, by default of Chat Completions. See its contract. */
export type DeferredApi<
  Request extends object = ChatRequest,
  Answer extends object = ChatCompletion,
> = contract.DeferredApi<Request, Answer>;

/** The result of one request of a batch. */
export type DeferredAnswer<Answer extends object = ChatCompletion> = contract.DeferredAnswer<Answer>;

/** A job, by default one of `client.deferred`. */
export type DeferredJob<Result extends object = InferResult | InferFailure> = job.DeferredJob<Result>;
