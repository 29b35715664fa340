import { type ChatRequest, InvalidRequestError } from "@remem/core/plugin";
import { type Dialect, flagsOf } from "./dialect.ts";
import { isFirstQwen3, type Thinking, thinkingOf } from "./thinking-models.ts";

export interface WireRequest {
  /** The request as sent. */
  readonly body: ChatRequest;
  /** The request as keyed: the body without a flag that turns thinking off, because that is the default. */
  readonly canonical: ChatRequest;
  /** Whether the model will think. */
  readonly thinks: boolean;
}

/** Without `include_usage` a stream does not report its tokens, and thoughts are paid for, too. */
const streamOptions = () => ({ stream: true, stream_options: { include_usage: true } });

/**
 * Converts a request with a thinking flag in any form into the form that a kind of server reads. Without a flag, models with
 * optional thinking are told not to think.
 * @throws {InvalidRequestError} if the request contradicts itself, or asks for something the model cannot do
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
  const [first, ...others] = flagsOf(request, dialect);
  const opposite = others.find(({ thinks }) => thinks !== first?.thinks);
  if (first !== undefined && opposite !== undefined) {
    throw new InvalidRequestError(opposite.path, `contradicts \`${first.path.slice(1)}\`.`);
  }
  const asked = first?.thinks;
  const path = first?.path ?? "/enable_thinking";
  if (thinking === "never" && asked === true) {
    throw new InvalidRequestError(path, `asks "${request.model}" to think, which the model cannot do. Leave it out.`);
  }
  if (thinking === "always" && asked === false) {
    throw new InvalidRequestError(
      path,
      `asks "${request.model}" not to think, but the model always does. Leave it out.`,
    );
  }
  return asked;
}

/** A model that does not think has no use for a thinking budget. */
function withoutBudget({ thinking_budget: _, ...rest }: ChatRequest): ChatRequest {
  return rest;
}
