import { isTooDeep, ProviderError } from "@remem/core/plugin";
import { createAggregate } from "./aggregate.ts";
import { tooDeep } from "./provider-error.ts";
import { serverSentEvents } from "./server-sent-events.ts";

/**
 * Reads the response to a streaming request like an unstreamed answer: assembles the chunks of a stream, parses JSON, and
 * returns other text as text. The SDK does not parse the stream, because its versions treat errors in a stream differently
 * and print chunks that they cannot parse.
 * @throws {ProviderError} if the stream ends before the answer is complete
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
  throw new ProviderError(`"${provider}" ended its stream before the answer was complete.`, {
    provider,
    status: 200,
    retryable: true,
  });
}
