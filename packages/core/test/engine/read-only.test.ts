import { expect, test } from "vitest";
import { type Call, createCall, createReadThrough, memoryStore, type Surface } from "../../src/index.ts";

interface Answer {
  readonly words: string[];
}

const words: Surface<{ readonly of: string }, Answer> = {
  specVersion: 1,
  name: "words",
  unkeyed: new Set(),
  check() {},
  isAnswer: (value): value is Answer => Array.isArray((value as Partial<Answer> | null)?.words),
  admit: () => true,
};

function callWith(isReadOnly: boolean): Call<{ readonly of: string }, Answer> {
  const options = { provider: "server", isReadOnly, ask: async () => ({ words: ["one", "two"] }) };
  return createCall(words, { of: "a text" }, options);
}

test("each caller may change its answer, however often the entry was read", async () => {
  const cache = createReadThrough({ store: memoryStore() });
  for (let time = 0; time < 4; time++) {
    const [one, other] = await Promise.all([cache.get(callWith(false)), cache.get(callWith(false))]);
    for (const { answer } of [one, other]) {
      expect(answer.words).toEqual(["one", "two"]);
      answer.words.length = 0;
    }
  }
  const [found] = await cache.find([callWith(false)]);
  found!.words.length = 0;
  expect(await cache.find([callWith(false)])).toEqual([{ words: ["one", "two"] }]);
});

test("a caller that only reads its answer shares it, and a caller that joins it does not", async () => {
  const cache = createReadThrough({ store: memoryStore() });
  for (let time = 0; time < 2; time++) await cache.get(callWith(false)); // Then the entry is known.
  const [reader, joined] = await Promise.all([cache.get(callWith(true)), cache.get(callWith(false))]);
  joined.answer.words.length = 0;
  const later = await cache.get(callWith(true));
  expect(later.answer).toBe(reader.answer);
  expect(later.answer).toEqual({ words: ["one", "two"] });
});
