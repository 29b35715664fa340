import { raceSignal } from "@remem/core/plugin";
import type { OpenAnswer } from "../answer/open-answer.ts";
import { type AnswerContext, tooLarge } from "../errors/answer-errors.ts";

interface LineLimits {
  /** The longest line in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Rejects if the next piece takes too long. */
  within<T>(piece: Promise<T>): Promise<T>;
}

/** The lines of a file as they come. Blank lines are left out. */
export async function* linesOf(
  answer: OpenAnswer,
  limits: LineLimits,
  context: Omit<AnswerContext, "status">,
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const text of textsOf(answer, limits)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    if (rest.length > limits.maxBytes) throw tooLarge(limits.maxBytes, { ...context, status: 200 });
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  if (rest.trim() !== "") yield rest;
}

async function* textsOf(answer: OpenAnswer, limits: LineLimits): AsyncGenerator<string, void, undefined> {
  if ("value" in answer) {
    // A client that is instrumented may have read the file.
    yield typeof answer.value === "string" ? answer.value : JSON.stringify(answer.value);
    return;
  }
  const { body } = answer.response;
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await raceSignal(limits.within(reader.read()), limits.signal);
      if (done) break;
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    reader.cancel().catch(() => {});
  }
}
