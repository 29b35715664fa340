import type { JSX } from "preact";
import type { CallView, Clip, MessageView, Piece } from "../../wire.ts";
import { ClipText, CutNote } from "../parts/clip-text.tsx";
import { oneLine, visible } from "../parts/format.ts";
import { JsonTree } from "../parts/json-tree.tsx";
import { Markdown } from "./markdown.tsx";

interface MessageProps {
  readonly message: MessageView;
  readonly isMarkdown: boolean;
  readonly isAnswer?: boolean;
  /** The name of the choice, if there are several. */
  readonly which?: string;
}

const KNOWN: Readonly<Record<string, string>> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  model: "assistant",
  tool: "tool",
  function: "tool",
};

/** One message. */
export function Message({ message, isMarkdown, isAnswer, which }: MessageProps): JSX.Element {
  const { role, pieces, reasoning, calls, finishReason } = message;
  return (
    <article class={`message ${KNOWN[role] ?? "other"}${isAnswer ? " answer" : ""}`}>
      <h3 class="role">
        {oneLine(role).slice(0, 40) || "–"}
        {which && <span class="which"> {which}</span>}
        {finishReason !== undefined && finishReason !== "stop" && <span class="which"> {oneLine(finishReason)}</span>}
      </h3>
      {reasoning !== undefined && <Reasoning clip={reasoning} />}
      {pieces.map((piece, index) => (
        <PieceOf key={index} piece={piece} isMarkdown={isMarkdown} />
      ))}
      {calls.map((call, index) => (
        <Call key={index} call={call} />
      ))}
      {pieces.length + calls.length === 0 && <p class="note">No text.</p>}
    </article>
  );
}

function Reasoning({ clip }: { readonly clip: Clip }): JSX.Element {
  return (
    <details class="reasoning">
      <summary>Reasoning, {clip.cutFrom ?? clip.text.length} characters</summary>
      <ClipText clip={clip} />
    </details>
  );
}

function PieceOf({ piece, isMarkdown }: { readonly piece: Piece; readonly isMarkdown: boolean }): JSX.Element {
  switch (piece.kind) {
    case "text":
      return isMarkdown ? (
        <>
          <Markdown text={piece.text} />
          <CutNote clip={piece} />
        </>
      ) : (
        <ClipText clip={piece} />
      );
    case "image":
      return <img class="picture" src={piece.data} alt="In the message" />;
    case "link":
      return (
        <p class="note picture-link">
          A picture elsewhere, which is not loaded: <code>{visible(piece.url)}</code>
        </p>
      );
    case "json":
      return <JsonTree value={piece.json.value} open={2} />;
  }
}

function Call({ call: { name, json, text } }: { readonly call: CallView }): JSX.Element {
  return (
    <div class="call">
      <p class="call-name">
        <span aria-hidden="true">→ </span>
        <span class="unseen">calls </span>
        {oneLine(name) || "unnamed"}
      </p>
      {json !== undefined && <JsonTree value={json.value} open={2} />}
      {text !== undefined && text.text !== "" && <ClipText clip={text} />}
    </div>
  );
}
