import type { JSX } from "preact";
import type { EntryView, MessageView } from "../../wire.ts";
import { Message } from "../entry/message.tsx";
import { number } from "../parts/format.ts";
import { ownMessages, type Shared } from "./shared-messages.ts";

/** The page shows the first message and the last ones of a longer conversation. */
const MOST = 6;

/** The messages that all entries share. */
export function AskedOfAll({ shared: { first, last } }: { readonly shared: Shared }): JSX.Element | null {
  if (first.length + last.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must reach a part that scrolls.
    <section class="asked" tabIndex={0} aria-labelledby="asked">
      <h2 id="asked">Messages of all entries</h2>
      <Messages messages={first} />
      {first.length > 0 && last.length > 0 && <p class="note">Messages that differ are left out here.</p>}
      <Messages messages={last} />
    </section>
  );
}

interface OwnProps {
  readonly entry: EntryView;
  readonly shared: Shared;
  /** Whether another entry has other messages. */
  readonly isOther: boolean;
}

/** The messages of this entry that not all entries share. */
export function AskedHere({ entry: { key, messages, leftOut }, shared, isOther }: OwnProps): JSX.Element {
  if (messages === undefined) return <p class="note">The request was not kept.</p>;
  const own = ownMessages(messages, shared);
  if (!isOther) return <div />;
  const name = `asked-${key}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must reach a part that scrolls.
    <section class="asked-here" tabIndex={0} aria-labelledby={name}>
      <h3 id={name}>Other messages</h3>
      {own.length === 0 ? <p class="note">No other messages.</p> : <Messages messages={own} />}
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
