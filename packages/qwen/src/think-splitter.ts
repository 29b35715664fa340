/** The additions of a piece of text to thoughts and answer. */
export interface Split {
  readonly thoughts: string;
  readonly answer: string;
}

/** Splits a text into thoughts and answer as it arrives. The parts add up to the result of `withReasoning` for the whole text. */
export interface ThinkSplitter {
  add(text: string): Split;
  /** Returns the rest of the text, at its end, or once the server turns out to extract the thoughts itself. */
  end(): Split;
}

const OPENING = /^\s*<think>/;
/** A text that may yet begin with the tag. */
const MAYBE_OPENING = /^\s*(?:<(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?)?$/;
const END = "</think>";
/** Text that is held back: it may be the space before the end of the block, or a part of the end itself. */
const MAYBE_END = /\s*(?:<(?:\/(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?)?)?$/;

/**
 * `"start"`: the text may begin with a block. `"opened"`: the template has opened one, if its end comes. `"thoughts"`: in the block.
 * `"gap"`: in the space after it. `"answer"`: the rest is the answer.
 */
type State = "start" | "opened" | "thoughts" | "gap" | "answer";

export function createThinkSplitter(opened: boolean): ThinkSplitter {
  let state: State = "start";
  let held = "";
  /** The length of the part of `held` that contains no end of a block. */
  let searched = 0;
  let hasThoughts = false;

  /** Thoughts without the space around them. */
  function trimmed(text: string): string {
    const thoughts = hasThoughts ? text : text.trimStart();
    hasThoughts ||= thoughts !== "";
    return thoughts;
  }
  function take(): string {
    const text = held;
    held = "";
    return text;
  }

  /** One step; undefined if more text is needed. */
  function step(): Partial<Split> | undefined {
    if (state === "start") {
      const [opening] = OPENING.exec(held) ?? [];
      if (opening === undefined && MAYBE_OPENING.test(held)) return undefined;
      state = opening !== undefined ? "thoughts" : opened ? "opened" : "answer";
      held = held.slice(opening?.length ?? 0);
      return {};
    }
    if (state === "opened" || state === "thoughts") {
      const at = held.indexOf(END, searched);
      if (at !== -1) {
        const thoughts = trimmed(held.slice(0, at).trimEnd());
        held = held.slice(at + END.length);
        state = "gap";
        return { thoughts };
      }
      if (state === "opened") {
        searched = Math.max(0, held.length - END.length);
        return undefined; // Without an end the whole text is the answer.
      }
      const [kept = ""] = MAYBE_END.exec(held) ?? [];
      if (kept === held) return undefined;
      const thoughts = trimmed(held.slice(0, held.length - kept.length));
      held = kept;
      return { thoughts };
    }
    if (state === "gap") {
      if (held.trim() === "") return undefined;
      state = "answer";
      return { answer: take().replace(/^\s*\n/, "") };
    }
    return held === "" ? undefined : { answer: take() };
  }

  return {
    add(text) {
      held += text;
      let [thoughts, answer] = ["", ""];
      for (let next = step(); next !== undefined; next = step()) {
        thoughts += next.thoughts ?? "";
        answer += next.answer ?? "";
      }
      return { thoughts, answer };
    },
    end() {
      const text = take();
      const ended = state;
      state = "answer";
      if (ended === "thoughts") return { thoughts: trimmed(text.trimEnd()), answer: "" };
      return { thoughts: "", answer: ended === "gap" ? text.replace(/^\s*\n/, "") : text };
    },
  };
}
