import type { ChatCompletion, ChatRequest } from "@remem/core";
import type { Setting } from "../../contestant.ts";

/** The model behind a `fetch`, without a network. */
export function modelFetch({ generate }: Setting): typeof globalThis.fetch {
  return async (input, init) => {
    const completion = await generate(JSON.parse(init?.body as string) as ChatRequest);
    return Response.json(onTheWire(new URL(String(input)).pathname, completion));
  };
}

/** A completion as the server at this address writes it. */
export function onTheWire(pathname: string, completion: ChatCompletion): object {
  return pathname.endsWith("/messages") ? messageOf(completion) : completion;
}

/** An answer of Anthropic's Messages. */
function messageOf({ id, model, choices, usage }: ChatCompletion): object {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [{ type: "text", text: choices[0]!.message.content, citations: null }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: usage!.prompt_tokens, output_tokens: usage!.completion_tokens },
  };
}
