import { expect, test } from "vitest";
import { ownMessages, sharedMessages } from "../src/page/compare/shared-messages.ts";
import type { MessageView } from "../src/wire.ts";

const conversation = (...texts: readonly string[]): MessageView[] =>
  texts.map((text) => ({ role: "user", pieces: [{ kind: "text", text }], calls: [] }));

test.each([
  ["one question", ["s", "q"], ["s", "q"], [], []],
  ["two questions", ["s", "q"], ["s", "r"], ["q"], ["r"]],
  ["a system message more", ["q"], ["s", "q"], [], ["s"]],
  ["a longer conversation", ["s", "q", "a", "t"], ["s", "q"], ["a", "t"], []],
  ["another middle", ["s", "a", "q"], ["s", "b", "c", "q"], ["a"], ["b", "c"]],
  ["the same message twice", ["q", "q"], ["q"], ["q"], []],
  ["nothing in common", ["a"], ["b"], ["a"], ["b"]],
])("of %s, what is in common and what differs are all of it", (_, one, other, ownOne, ownOther) => {
  const all = [conversation(...one), conversation(...other)];
  const shared = sharedMessages(all);
  expect(all.map((messages) => ownMessages(messages, shared))).toEqual([
    conversation(...ownOne),
    conversation(...ownOther),
  ]);
  for (const [index, messages] of all.entries())
    expect([...shared.first, ...ownMessages(all[index]!, shared), ...shared.last]).toEqual(messages);
});
