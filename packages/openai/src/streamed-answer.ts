import { isTooDeep, ProviderError } from "@remem/core";
import { createAggregate } from "./aggregate.ts";
import { tooDeep } from "./provider-error.ts";
import { serverSentEvents } from "./server-sent-events.ts";

/**
 * The answer to a request for a stream, as if none had been asked for: its chunks put together, JSON as it is, and any
 * other text as text. It is read here rather than by the SDK, whose versions differ in what they make of an error in a
 * stream, and print pieces of an answer that they cannot parse.
 * @throws {ProviderError} for a stream that ends before its answer does
 */
export async function streamedAnswer(response: Response, provider: string): Promise<unknown> {
  const text = await response.text();
  if (/^application\/(.+\+)?json\b/i.test(response.headers.get("content-type") ?? "")) return JSON.parse(text);
  const events = Array.from(serverSentEvents(text));
  if (events.length === 0) return text;
  const aggregate = createAggregate();
  for (const { event, data } of events) {
    if (data === "[DONE]") break;
    const chunk = JSON.parse(data);
    if (isTooDeep(chunk)) throw tooDeep(provider);
    aggregate.add(event === "error" ? { error: chunk?.error ?? chunk } : chunk);
  }
  const completion = aggregate.completion();
  if (aggregate.isComplete() || completion.error || completion.choices.length === 0) return completion;
  throw new ProviderError(`"${provider}" ended its stream in the middle of an answer.`, {
    provider,
    status: 200,
    retryable: true,
  });
}
