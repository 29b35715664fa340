import type { ChatCompletionChunk, ChunkChoice, ChunkDelta } from "@remem/core/plugin";
import { createThinkSplitter, type ThinkSplitter } from "./think-splitter.ts";

/** Does for a stream what `withReasoning` does for a whole answer. If the template has opened the block, its thoughts come at its end. */
export async function* streamWithReasoning(
  chunks: AsyncIterable<ChatCompletionChunk>,
  thinks: boolean,
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const splitters = new Map<number, ThinkSplitter>();

  function splitterOf({ index = 0 }: Partial<ChunkChoice>): ThinkSplitter {
    const known = splitters.get(index) ?? createThinkSplitter(thinks);
    splitters.set(index, known);
    return known;
  }
  function withSplit(choice: ChunkChoice): ChunkChoice {
    if (typeof choice?.delta !== "object" || choice.delta === null) return choice;
    const { delta, finish_reason } = choice;
    const splitter = splitterOf(choice);
    const { content, reasoning_content, reasoning } = delta;
    // The server extracts the thoughts itself.
    const before = reasoning_content || reasoning ? splitter.end() : NOTHING;
    const { thoughts, answer } = typeof content === "string" ? splitter.add(content) : NOTHING;
    const rest = finish_reason ? splitter.end() : NOTHING;
    const text = before.answer + answer + rest.answer;
    const thought = before.thoughts + thoughts + rest.thoughts;
    const split: ChunkDelta = {
      ...delta,
      ...((typeof content === "string" || text !== "") && { content: text }),
      ...(thought !== "" && { reasoning_content: thought + (reasoning_content ?? "") }),
    };
    return { ...choice, delta: split };
  }
  for await (const chunk of chunks) {
    yield Array.isArray(chunk.choices) ? { ...chunk, choices: chunk.choices.map(withSplit) } : chunk;
  }
}

const NOTHING = { thoughts: "", answer: "" };
