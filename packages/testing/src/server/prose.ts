import type { ChatMessage } from "@remem/core/plugin";
import { listOf, objectOf, textOf } from "../json.ts";
import type { SeededRandom } from "./seeded-random.ts";

const EXCERPT = 60;

const OPENINGS = [
  (question: string) => `You asked: “${question}”.`,
  (question: string) => `On “${question}”, here is what I would say.`,
  (question: string) => `Thank you for the question “${question}”.`,
  (question: string) => `Let us look at “${question}” step by step.`,
  (question: string) => `“${question}” has a shorter answer than one might think.`,
  (question: string) => `There is more than one way to read “${question}”.`,
] as const;

const SENTENCES = [
  "The most likely explanation is also the simplest one.",
  "Two things matter here: the order of the steps, and who checks the result.",
  "Start with a small example and compare it with what you expected.",
  "Most sources agree on this point, though they differ in the details.",
  "It depends on the size of the input; below a thousand items the difference is hard to see.",
  "A good rule of thumb is to change one thing at a time.",
  "In practice the second option is easier to live with.",
  "If the numbers look too good, measure again with a cold start.",
  "The usual mistake is to trust the first result.",
  "That is why the longer form is preferred in writing and the shorter one in speech.",
  "Keep the original beside the copy until both have been read.",
  "Seen from the reader's side, the last paragraph should come first.",
  "An exception is worth noting: empty input has no meaningful answer.",
  "The figures for spring and autumn are close to each other; winter is the outlier.",
] as const;

/**
 * Writes one to three sentences about the question, and a reference unique to the request, so that an answer served to the
 * wrong question is noticed.
 */
export function proseFor(messages: readonly ChatMessage[], reference: string, random: SeededRandom): string {
  const first = random.integer(SENTENCES.length);
  const sentences = Array.from(
    { length: 1 + random.integer(3) },
    // 5 and 14 are coprime: no sentence repeats before all have been used.
    (_, index) => SENTENCES[(first + 5 * index) % SENTENCES.length],
  );
  return [random.pick(OPENINGS)(questionIn(messages)), ...sentences, `(Reference ${reference}.)`].join(" ");
}

/** The beginning of the user's last message. */
function questionIn(messages: readonly ChatMessage[]): string {
  const asked = messages.findLast(({ role }) => role === "user") ?? messages.at(-1);
  const characters = Array.from(contentText(asked).replace(/\s+/gu, " ").trim());
  return characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join("").trimEnd()}…` : characters.join("");
}

/** The text of a message, without pictures and sound. */
function contentText(message: ChatMessage | undefined): string {
  const content = message?.content;
  if (typeof content === "string") return content;
  return listOf(content)
    .map((part) => textOf(objectOf(part).text))
    .join(" ");
}
