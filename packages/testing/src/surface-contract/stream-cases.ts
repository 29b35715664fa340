import assert from "node:assert/strict";
import { NotApplicable } from "../contract.ts";
import { brief, type CaseContext, type JsonSurface, throughJson } from "./context.ts";

/** A surface with streams. */
type StreamingSurface = JsonSurface & Required<Pick<JsonSurface, "aggregate" | "chunksOf">>;

export const streamCases = {
  async "aggregate and chunksOf come together"({ surface }: CaseContext): Promise<void> {
    const has = [surface.aggregate, surface.chunksOf].map((member) => typeof member === "function");
    assert.equal(has[0], has[1], "A surface with streams has both `aggregate` and `chunksOf`.");
    if (!has[0]) throw new NotApplicable("this surface has no streams");
  },

  async "the chunks of an answer add up to it, whole and by word"(context: CaseContext): Promise<void> {
    const surface = streaming(context);
    for (const { answer } of context.examples) {
      for (const byWord of [false, true]) {
        const given = throughJson(answer);
        const chunks = throughJson([...surface.chunksOf(given, { byWord })]);
        assert.deepEqual(given, throughJson(answer), "chunksOf changed the answer.");
        const sum = throughJson(aggregateOf(surface, chunks).answer());
        assert.deepEqual(sum, throughJson(answer), `The chunks of ${brief(answer)} do not add up to it.`);
      }
    }
  },

  async "an aggregate is complete with all chunks of an answer, and not without any"(
    context: CaseContext,
  ): Promise<void> {
    const surface = streaming(context);
    for (const { answer } of context.examples) {
      const isComplete = aggregateOf(surface, [...surface.chunksOf(answer)]).isComplete();
      assert.equal(isComplete, true, `The chunks of ${brief(answer)} are not complete.`);
    }
    assert.equal(surface.aggregate().isComplete(), false, "An aggregate without chunks is complete.");
  },

  async "an aggregate of a stream that ended early is not complete"(context: CaseContext): Promise<void> {
    const surface = streaming(context);
    if (context.incompleteStreams.length === 0) throw new NotApplicable("`incompleteStreams` is not given");
    for (const chunks of context.incompleteStreams) {
      const isComplete = aggregateOf(surface, throughJson(chunks)).isComplete();
      assert.equal(isComplete, false, `An aggregate takes ${brief(chunks)} for a whole answer.`);
    }
  },

  async "an aggregate and its chunks stay apart"(context: CaseContext): Promise<void> {
    const surface = streaming(context);
    for (const { answer } of context.examples) {
      const chunks = throughJson([...surface.chunksOf(answer)]);
      const sent = throughJson(chunks);
      const aggregate = aggregateOf(surface, chunks);
      spoil(aggregate.answer());
      assert.deepEqual(chunks, sent, "A change of the answer reaches the chunks, or `add` changes them.");
      assert.deepEqual(throughJson(aggregate.answer()), throughJson(answer), "Two answers share their members.");
    }
  },
};

function streaming({ surface }: CaseContext): StreamingSurface {
  const { aggregate, chunksOf } = surface;
  if (aggregate === undefined || chunksOf === undefined) throw new NotApplicable("this surface has no streams");
  return { ...surface, aggregate, chunksOf };
}

function aggregateOf(surface: StreamingSurface, chunks: readonly object[]) {
  const aggregate = surface.aggregate();
  for (const chunk of chunks) aggregate.add(chunk);
  return aggregate;
}

/** Changes every list and object inside of a value. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const member of Object.values(value)) spoil(member);
  if (Array.isArray(value)) value.push("spoilt");
  else (value as { [name: string]: unknown }).spoilt = true;
}
