import type { AskContext } from "../contracts/call.ts";
import type { Surface } from "../contracts/surface.ts";
import { malformedAnswer, streamEnded } from "../errors/errors.ts";
import { isTooDeep, MAX_DEPTH } from "../json/plain-json.ts";

/**
 * Reads the stream of a provider, for the `ask` of a call: publishes each chunk, and returns the answer that they add up to.
 * @throws {ProviderError} where the stream ends before the answer is complete
 */
export async function askStream<Answer extends object>(
  surface: Pick<Surface<never, Answer>, "aggregate">,
  provider: string,
  chunks: AsyncIterable<object>,
  { signal, publish, commit }: AskContext,
): Promise<Answer> {
  const aggregate = surface.aggregate!();
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (isTooDeep(chunk)) throw malformedAnswer(provider, `a chunk is nested deeper than ${MAX_DEPTH} levels`);
    aggregate.add(chunk);
    publish(chunk);
    // A caller that leaves with the last chunk has paid for the answer.
    if (aggregate.isComplete()) commit();
  }
  if (!aggregate.isComplete()) throw streamEnded(provider);
  return aggregate.answer();
}
