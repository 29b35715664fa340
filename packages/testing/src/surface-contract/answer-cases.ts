import assert from "node:assert/strict";
import type { JsonObject, TokenCount } from "@remem/core/plugin";
import { NotApplicable } from "../contract.ts";
import { brief, type CaseContext, type JsonExample, throughJson } from "./context.ts";

const NO_ANSWERS: readonly unknown[] = [{}, null, undefined, "text", "", 1, true, [], [{}]];

export const answerCases = {
  async "isAnswer accepts the example answers, even after a round trip through JSON"(
    context: CaseContext,
  ): Promise<void> {
    for (const { answer } of allExamples(context)) {
      for (const one of [answer, throughJson(answer)]) {
        assert.equal(context.surface.isAnswer(one), true, `isAnswer refuses ${brief(answer)}.`);
      }
    }
  },

  async "isAnswer refuses malformed answers"({ surface, malformedAnswers }: CaseContext): Promise<void> {
    for (const value of [...NO_ANSWERS, ...malformedAnswers]) {
      assert.equal(surface.isAnswer(value), false, `isAnswer accepts ${brief(value)}.`);
    }
  },

  async "admit accepts the example answers"({ surface, examples }: CaseContext): Promise<void> {
    for (const { request, answer } of examples) {
      assert.equal(surface.admit(answer, request), true, `admit refuses ${brief(answer)}.`);
    }
  },

  async "admit refuses the incomplete answers"({ surface, incompleteExamples }: CaseContext): Promise<void> {
    for (const { request, answer } of incompleteExamples) {
      assert.equal(surface.admit(answer, request), false, `admit accepts ${brief(answer)}.`);
    }
  },

  async "tokens are finite numbers from 0, even for an answer without usage"(context: CaseContext): Promise<void> {
    const { surface } = context;
    if (surface.tokens === undefined) throw new NotApplicable("this surface has no `tokens`");
    for (const { answer } of allExamples(context)) {
      for (const one of withAndWithoutUsage(answer)) {
        if (surface.isAnswer(one)) assertCount(surface.tokens(one), one);
      }
    }
  },

  async "finishReason is a string or undefined"(context: CaseContext): Promise<void> {
    const { surface } = context;
    if (surface.finishReason === undefined) throw new NotApplicable("this surface has no `finishReason`");
    for (const { answer } of allExamples(context)) {
      const reason: unknown = surface.finishReason(answer);
      const isReason = reason === undefined || typeof reason === "string";
      assert.ok(isReason, `finishReason gave ${brief(reason)}.`);
    }
  },

  async "isAnswer, admit, tokens and finishReason change nothing"(context: CaseContext): Promise<void> {
    const { surface } = context;
    for (const example of allExamples(context)) {
      const { request, answer } = throughJson(example);
      const uses: Readonly<Record<string, () => unknown>> = {
        isAnswer: () => surface.isAnswer(answer),
        admit: () => surface.admit(answer, request),
        tokens: () => surface.tokens?.(answer),
        finishReason: () => surface.finishReason?.(answer),
      };
      for (const [name, use] of Object.entries(uses)) {
        use();
        assert.deepEqual(answer, example.answer, `${name} changed the answer.`);
        assert.deepEqual(request, example.request, `${name} changed the request.`);
      }
    }
  },
};

function allExamples({ examples, incompleteExamples }: CaseContext): readonly JsonExample[] {
  return [...examples, ...incompleteExamples];
}

function withAndWithoutUsage(answer: JsonObject): readonly JsonObject[] {
  const { usage: _, ...rest } = answer;
  return [answer, rest, { ...rest, usage: null }];
}

function assertCount(count: TokenCount, answer: JsonObject): void {
  for (const name of ["prompt", "completion"] as const) {
    const tokens: unknown = count[name];
    const isCount = typeof tokens === "number" && Number.isFinite(tokens) && tokens >= 0;
    assert.ok(isCount, `tokens gave ${tokens} for \`${name}\` of ${brief(answer)}.`);
  }
}
