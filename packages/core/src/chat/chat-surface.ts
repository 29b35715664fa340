import type { Surface } from "../contracts/surface.ts";
import { InvalidRequestError } from "../errors/errors.ts";
import { defaultAdmit, whyNotAdmitted } from "./answer/admit.ts";
import { tokensOf } from "./answer/usage.ts";
import type { ChatCompletion, ChatRequest } from "./chat-completion.ts";
import { createChatAggregate } from "./stream/aggregate.ts";
import { chatChunks } from "./stream/chunks-of.ts";

/** Members that name the caller, or say how the server bills, routes, delivers or keeps the answer. None can change it. */
const UNKEYED: ReadonlySet<string> = new Set([
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "metadata",
  "store",
  "stream",
  "stream_options",
  "service_tier",
  // vLLM and SGLang
  "request_id",
  "rid",
  "priority",
  "cache_salt",
]);

/** Chat Completions, as OpenAI and compatible servers have them. */
export const chatSurface: Surface<ChatRequest, ChatCompletion> = {
  specVersion: 1,
  name: "chat",
  isImplicit: true,
  unkeyed: UNKEYED,
  // A request with these alone has the key that REMem's Python class computes.
  alwaysKeyed: ["messages", "model", "response_format", "seed", "temperature"],
  defaults: { n: 1 },
  floats: ["temperature"],
  check({ model, messages, stream }) {
    if (typeof model !== "string" || model === "") {
      throw new InvalidRequestError("/model", "must be the name of a model.");
    }
    if (!Array.isArray(messages)) throw new InvalidRequestError("/messages", "must be a list of messages.");
    for (let index = 0; index < messages.length; index++) {
      if (typeof messages[index]?.role !== "string") {
        throw new InvalidRequestError(`/messages/${index}`, "must be a message: an object with a `role`.");
      }
    }
    if (stream === true) {
      throw new InvalidRequestError(
        "/stream",
        "cannot be true: this call returns a whole answer. Leave it out, or call `stream` instead.",
      );
    }
  },
  isAnswer: isCompletion,
  admit: defaultAdmit,
  whyNotAdmitted,
  tokens: tokensOf,
  finishReason: ({ choices }) => choices[0]?.finish_reason,
  model: ({ model }) => model,
  aggregate: createChatAggregate,
  chunksOf: chatChunks,
};

/** Whether the value has the shape that the other functions rely on: at least one choice, each with a message. */
function isCompletion(value: unknown): value is ChatCompletion {
  const { choices } = (value ?? {}) as { choices?: unknown };
  return (
    Array.isArray(choices) &&
    choices.length > 0 &&
    choices.every((choice) => typeof choice?.message === "object" && choice.message !== null)
  );
}
