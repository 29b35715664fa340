import {
  type Aggregate,
  type ChunksOptions,
  isMembers,
  type JsonObject,
  type Members,
  membersOf,
  wordsOf,
} from "@remem/core/plugin";
import { appendLists, isGiven, isPresent } from "../../json/members.ts";
import type { GeminiAnswer } from "../gemini.ts";

/** Assembles an answer from the chunks of a stream. It is complete at the end of the body if each candidate has a reason by then. */
export function createGeminiAggregate(): Aggregate<GeminiAnswer> {
  const envelope: Members = {};
  const candidates = new Map<unknown, Members>();
  let hasFailed = false;

  return {
    add(chunk) {
      const { candidates: pieces, error, ...rest } = chunk as Members;
      if (isGiven(error)) hasFailed = true;
      for (const [name, value] of Object.entries(rest))
        if (isPresent(value) || !(name in envelope)) envelope[name] = value;
      for (const piece of membersOf(pieces)) {
        const index = piece.index ?? 0; // Servers leave out a zero.
        candidates.set(index, addPiece(candidates.get(index) ?? {}, piece));
      }
    },
    isComplete() {
      if (hasFailed) return false;
      if (candidates.size === 0) return isMembers(envelope.promptFeedback);
      return [...candidates.values()].every(({ finishReason }) => isPresent(finishReason));
    },
    answer() {
      const sorted = [...candidates].toSorted(([one], [other]) => Number(one) - Number(other));
      const all = sorted.map(([, candidate]) => candidate);
      return structuredClone({ ...(all.length > 0 && { candidates: all }), ...envelope }) as GeminiAnswer;
    },
  };
}

/** Adds a piece to a candidate. Of members other than the content, the last value wins. */
function addPiece(candidate: Members, { content, logprobsResult, ...rest }: Members): Members {
  const whole = { ...candidate };
  for (const [name, value] of Object.entries(rest)) if (isPresent(value) || !(name in whole)) whole[name] = value;
  if (isMembers(content)) whole.content = addContent(isMembers(whole.content) ? whole.content : {}, content);
  if (isMembers(logprobsResult)) whole.logprobsResult = appendLists(whole.logprobsResult, logprobsResult);
  return whole;
}

function addContent(known: Members, { parts, ...rest }: Members): Members {
  if (!Array.isArray(parts)) return { ...known, ...rest };
  return { ...known, ...rest, parts: joined(membersOf(known.parts), membersOf(parts)) };
}

/** Appends the parts of the next chunk. Its first part may continue the last known one. */
function joined(known: readonly Members[], [first, ...rest]: readonly Members[]): readonly Members[] {
  const last = known.at(-1);
  if (first === undefined) return known;
  if (last === undefined || !areOneText(last, first)) return [...known, first, ...rest];
  return [...known.slice(0, -1), { ...last, text: `${last.text}${first.text}` }, ...rest];
}

/** Whether a part continues the one before it. */
function areOneText(part: Members, next: Members): boolean {
  return isPlainText(part) && isPlainText(next) && part.thought === next.thought;
}

/** Whether a part is text and nothing else. A part with a signature stays a part of its own. */
function isPlainText({ text, thought: _, ...rest }: Members): boolean {
  return typeof text === "string" && Object.keys(rest).length === 0;
}

/** The chunks of an answer, as Gemini streams them: each part in one, the usage in the last. */
export function* geminiChunks(
  answer: GeminiAnswer,
  { byWord = false }: ChunksOptions = {},
): Generator<JsonObject, void, undefined> {
  const { candidates, usageMetadata, ...members } = answer;
  const pieces = membersOf(candidates).flatMap((candidate) => piecesOf(candidate, byWord));
  const envelope: { [name: string]: unknown } = {};
  for (const name of IN_EVERY_CHUNK) if (members[name] !== undefined) envelope[name] = members[name];
  const usage = usageMetadata === undefined ? {} : { usageMetadata };
  if (pieces.length === 0) yield { ...members, ...usage };
  for (const [at, piece] of pieces.entries()) {
    const isLast = at === pieces.length - 1;
    const rest = at === 0 ? members : envelope; // Unknown members come once.
    yield { candidates: [piece as JsonObject], ...(rest as JsonObject), ...(isLast && usage) };
  }
}

const IN_EVERY_CHUNK = ["modelVersion", "responseId", "createTime"];

/** Splits a candidate into its parts. The last part has the members that are known at the end. */
function piecesOf({ content, ...rest }: Members, byWord: boolean): Members[] {
  if (!isMembers(content)) return [content === undefined ? rest : { content, ...rest }];
  const { parts, ...members } = content;
  const groups = Array.isArray(parts) ? groupsOf(membersOf(parts), byWord) : [];
  const index = rest.index === undefined ? {} : { index: rest.index };
  const contents = groups.length === 0 ? [content] : groups.map((group) => ({ parts: group, ...members }));
  return contents.map((one, at) => ({ content: one, ...(at === contents.length - 1 ? rest : index) }));
}

/** The parts by the chunk that they come in. Parts that would become one text come together, and so stay apart. */
function groupsOf(parts: readonly Members[], byWord: boolean): Members[][] {
  const groups: Members[][] = [];
  for (const part of parts) {
    const before = groups.at(-1)?.at(-1);
    if (before !== undefined && areOneText(before, part)) groups.at(-1)?.push(part);
    else groups.push([part]);
  }
  return byWord ? groups.flatMap(wordsIn) : groups;
}

function wordsIn(group: Members[]): Members[][] {
  const [part, ...others] = group;
  if (part === undefined || others.length > 0 || !isPlainText(part)) return [group];
  return wordsOf(part.text as string).map((text) => [{ ...part, text }]);
}
