import type { JSX } from "preact";
import type { EntryView, MessageView } from "../../wire.ts";
import { Message } from "../entry/message.tsx";
import { number } from "../parts/format.ts";
import { ownMessages, type Shared } from "./shared-messages.ts";

/** Of a longer conversation the first message and the last ones are shown. */
const MOST = 6;

/** What was asked in all of the entries. */
export function AskedOfAll({ shared: { first, last } }: { readonly shared: Shared }): JSX.Element | null {
  if (first.length + last.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section class="asked" tabIndex={0} aria-labelledby="asked">
      <h2 id="asked">Asked in all of them</h2>
      <Messages messages={first} />
      {first.length > 0 && last.length > 0 && <p class="note">Here come messages that differ.</p>}
      <Messages messages={last} />
    </section>
  );
}

interface OwnProps {
  readonly entry: EntryView;
  readonly shared: Shared;
  /** Whether another entry was asked something else. */
  readonly isOther: boolean;
}

/** What was asked in this entry and not in all of them. */
export function AskedHere({ entry: { key, messages, leftOut }, shared, isOther }: OwnProps): JSX.Element {
  if (messages === undefined) return <p class="note">What was asked was not kept.</p>;
  const own = ownMessages(messages, shared);
  if (!isOther) return <div />;
  const name = `asked-${key}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section class="asked-here" tabIndex={0} aria-labelledby={name}>
      <h3 id={name}>Asked here</h3>
      {own.length === 0 ? <p class="note">Nothing besides.</p> : <Messages messages={own} />}
      {leftOut > 0 && <p class="note">{number(leftOut)} messages are left out.</p>}
    </section>
  );
}

function Messages({ messages }: { readonly messages: readonly MessageView[] }): JSX.Element {
  const between = messages.length - MOST;
  const shown = between > 0 ? [messages[0]!, ...messages.slice(1 - MOST)] : messages;
  return (
    <>
      {shown.map((message, index) => (
        <div key={index}>
          <Message message={message} isMarkdown={false} />
          {index === 0 && between > 0 && (
            <p class="note">{between === 1 ? "One message" : `${number(between)} messages`} between</p>
          )}
        </div>
      ))}
    </>
  );
}
