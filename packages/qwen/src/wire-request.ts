import { type ChatRequest, InvalidRequestError } from "@remem/core";
import type { Dialect } from "./dialect.ts";
import { isFirstQwen3, type Thinking, thinkingOf } from "./thinking-models.ts";

export interface WireRequest {
  /** What is sent. */
  readonly body: ChatRequest;
  /** What is keyed: the body, but for a flag that says no, which is sent with every request that does not say yes. */
  readonly canonical: ChatRequest;
  /** Whether the model will think. */
  readonly thinks: boolean;
}

/** Thoughts are paid for, too: without this a stream does not say how many tokens there were. */
const streamOptions = () => ({ stream: true, stream_options: { include_usage: true } });

/**
 * The request as a kind of server reads it. Wherever a request says whether to think, it is put into one form; where it
 * says nothing, a model that can do both is told not to.
 * @throws {InvalidRequestError} for a request that contradicts itself, or asks of a model what it cannot do
 */
export function wireRequest(request: ChatRequest, dialect: Dialect): WireRequest {
  const thinking = thinkingOf(request.model);
  const asked = requestedThinking(request, thinking, dialect);
  const thinks = thinking === "always" || asked === true;
  const wanted = thinks || thinking === "unknown" ? request : withoutBudget(request);
  if (thinking === "optional" && !thinks) {
    return { body: dialect.withThinking(wanted, false), canonical: dialect.withThinking(wanted, undefined), thinks };
  }
  const body = {
    ...(thinking === "optional" && isFirstQwen3(request.model) && dialect.sampling),
    ...dialect.withThinking(wanted, thinking === "always" || thinking === "never" ? undefined : asked),
    ...(thinks && dialect.streamsThoughts && streamOptions()),
  };
  return { body, canonical: body, thinks };
}

function requestedThinking(request: ChatRequest, thinking: Thinking, dialect: Dialect): boolean | undefined {
  const flag = request.enable_thinking ?? undefined;
  if (flag !== undefined && typeof flag !== "boolean") {
    throw new InvalidRequestError("/enable_thinking", "must be true or false.");
  }
  const native = dialect.nativeFlag(request);
  if (flag !== undefined && native !== undefined && flag !== native.thinks) {
    throw new InvalidRequestError(native.path, "contradicts `enable_thinking`.");
  }
  const asked = flag ?? native?.thinks;
  const path = flag === undefined && native !== undefined ? native.path : "/enable_thinking";
  if (thinking === "never" && asked === true) {
    throw new InvalidRequestError(path, `asks "${request.model}" to think, which it never does. Leave it out.`);
  }
  if (thinking === "always" && asked === false) {
    throw new InvalidRequestError(path, `asks "${request.model}" not to think, which it always does. Leave it out.`);
  }
  return asked;
}

/** A limit of what is not there. */
function withoutBudget({ thinking_budget: _, ...rest }: ChatRequest): ChatRequest {
  return rest;
}
