import type { EntryView, MessageView } from "../../wire.ts";

/** The answer, as one text. */
export function answerText({ choices, answer }: EntryView): string {
  return choices === undefined ? JSON.stringify(answer.value, null, 2) : choices.map(messageText).join("\n\n");
}

function messageText({ pieces, calls }: MessageView): string {
  const parts = pieces.map((piece) => {
    if (piece.kind === "text") return piece.text;
    return piece.kind === "json" ? JSON.stringify(piece.json.value) : "[picture]";
  });
  const called = calls.map(
    ({ name, json, text }) => `${name}(${json === undefined ? (text?.text ?? "") : JSON.stringify(json.value)})`,
  );
  return [...parts, ...called].join("\n");
}
