import assert from "node:assert/strict";
import type { JsonObject, JsonValue, MessageText, SurfaceTexts } from "@remem/core/plugin";
import { NotApplicable } from "../contract.ts";
import { brief, type CaseContext, type JsonExample, keyIfValid, throughJson } from "./context.ts";

/** Values that clients may send, although no server documents them. */
const ODD_VALUES: readonly JsonValue[] = [null, false, 7, "x", [], [null], [[7]], ["x"], [{}], {}, { role: 7 }];
const ODD_PARTS: readonly JsonValue[] = [null, 7, {}, [null], [{ type: 7 }], [{ type: "x", text: null }]];

export const textCases = {
  async "texts are messages, each of a role and a text"(context: CaseContext): Promise<void> {
    const texts = textsOf(context);
    for (const { request, answer } of allExamples(context)) {
      const choices = texts.choices(throughJson(answer));
      assert.ok(choices.length > 0, `choices gave none of ${brief(answer)}.`);
      for (const message of [...texts.messages(throughJson(request)), ...choices]) assertMessage(message);
    }
  },

  async "texts name the members that hold what is said, and say them"(context: CaseContext): Promise<void> {
    const texts = textsOf(context);
    for (const { request } of allExamples(context)) {
      const said = texts.said.filter((name) => request[name] !== undefined);
      assert.ok(said.length > 0, `${brief(request)} has no member of \`said\`.`);
      const messages = texts.messages(throughJson(request)).map(({ text }) => text);
      for (const name of said) {
        const text = request[name];
        if (typeof text === "string") assert.ok(messages.includes(text), `messages leaves out \`${name}\`.`);
      }
    }
  },

  async "texts take any request that check accepts"(context: CaseContext): Promise<void> {
    const texts = textsOf(context);
    for (const { request } of allExamples(context)) {
      for (const name of texts.said) {
        for (const value of [...ODD_VALUES, ...ODD_PARTS.map((part) => withParts(request[name], part))]) {
          const odd = { ...request, [name]: value };
          if (keyIfValid(context.surface, odd) !== undefined) texts.messages(throughJson(odd)).forEach(assertMessage);
        }
      }
    }
  },

  async "texts change nothing"(context: CaseContext): Promise<void> {
    const texts = textsOf(context);
    for (const example of allExamples(context)) {
      const { request, answer } = throughJson(example);
      texts.messages(request);
      texts.choices(answer);
      assert.deepEqual({ request, answer }, throughJson({ request: example.request, answer: example.answer }));
    }
  },
};

function textsOf({ surface }: CaseContext): SurfaceTexts {
  if (surface.texts === undefined) throw new NotApplicable("this surface has no `texts`");
  return surface.texts;
}

/** Incomplete answers are stored if a caller's `admit` accepts them. */
function allExamples({ examples, incompleteExamples }: CaseContext): readonly JsonExample[] {
  return [...examples, ...incompleteExamples];
}

function assertMessage({ role, text, reasoning = "", toolCalls = [] }: MessageText): void {
  const all: readonly unknown[] = [role, text, reasoning, ...toolCalls.flatMap((call) => [call.name, call.arguments])];
  assert.ok(
    all.every((one) => typeof one === "string"),
    `A message has something else than texts: ${brief(all)}.`,
  );
}

/** A list of messages whose parts are odd. */
function withParts(said: JsonValue | undefined, part: JsonValue): JsonValue {
  if (!Array.isArray(said)) return part;
  const messages = said as readonly JsonValue[];
  return messages.map((message) => {
    if (typeof message !== "object" || message === null) return part;
    const odd = Object.keys(message).filter((name) => name !== "role" && name !== "type");
    return { ...(message as JsonObject), ...Object.fromEntries(odd.map((name) => [name, part])) };
  });
}
