import type * as contract from "../contracts/deferred-api.ts";
import type * as job from "../deferred/deferred-job.ts";
import type { InferFailure, InferResult } from "./answer/infer-result.ts";
import type { ChatCompletion, ChatRequest } from "./chat-completion.ts";

/** A Batch API, of Chat Completions unless it says otherwise. See its contract. */
export type DeferredApi<
  Request extends object = ChatRequest,
  Answer extends object = ChatCompletion,
> = contract.DeferredApi<Request, Answer>;

/** What a batch says about one of its requests. */
export type DeferredAnswer<Answer extends object = ChatCompletion> = contract.DeferredAnswer<Answer>;

/** A job of `client.deferred`, unless it says otherwise. */
export type DeferredJob<Result extends object = InferResult | InferFailure> = job.DeferredJob<Result>;
