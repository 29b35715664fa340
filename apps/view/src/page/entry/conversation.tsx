import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { type EntryView, FIRST_MESSAGES, type MessageView } from "../../wire.ts";
import { number } from "../parts/format.ts";
import { JsonTree } from "../parts/json-tree.tsx";
import { Message } from "./message.tsx";

/** The messages and the answer, in a readable form. */
export function Conversation({ entry }: { readonly entry: EntryView }): JSX.Element {
  const { messages, choices, request, answer, requestIs, leftOut } = entry;
  const isMarkdown = useSignal(false);
  const shown = (message: MessageView, index: number): JSX.Element => (
    <Message key={index} message={message} isMarkdown={isMarkdown.value} />
  );
  return (
    <>
      <div class="pane-tools">
        <label class="switch">
          <input
            type="checkbox"
            checked={isMarkdown.value}
            onChange={(event) => {
              isMarkdown.value = event.currentTarget.checked;
            }}
          />
          Markdown
        </label>
      </div>
      <h2 class="unseen">Conversation</h2>
      {requestIs !== "kept" && (
        <p class="note">
          {requestIs === "lost" ? "The store has lost the request." : "The client did not keep the request."}
        </p>
      )}
      {messages?.slice(0, FIRST_MESSAGES).map(shown)}
      {leftOut > 0 && <p class="note">{number(leftOut)} messages are left out here.</p>}
      {messages?.slice(FIRST_MESSAGES).map(shown)}
      {messages === undefined && request !== undefined && (
        <article class="message user">
          <h3 class="role">request</h3>
          <JsonTree value={request.value} />
        </article>
      )}
      {choices?.map((choice, index) => (
        <Message
          key={index}
          message={choice}
          isMarkdown={isMarkdown.value}
          isAnswer
          {...(choices.length > 1 && { which: `${index + 1} of ${choices.length}` })}
        />
      ))}
      {choices === undefined && (
        <article class="message assistant answer">
          <h3 class="role">answer</h3>
          <JsonTree value={answer.value} />
        </article>
      )}
    </>
  );
}
