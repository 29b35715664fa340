import type { ComponentChildren, JSX } from "preact";
import type { EntryView } from "../../wire.ts";
import { bytes, moment, number, oneLine, visible } from "../parts/format.ts";
import { JsonTree } from "../parts/json-tree.tsx";
import { Cost } from "./cost.tsx";

/** The facts of an entry, and the data in its key. */
export function Facts({ entry }: { readonly entry: EntryView }): JSX.Element {
  const { model, surface, createdAt, expiresAt, tokens, dollars: money, finishReason, writer } = entry;
  const answered = (entry.answer.value as { model?: unknown } | null)?.model;
  return (
    <>
      <h2>Entry</h2>
      <dl class="facts">
        <Fact name="model">
          {oneLine(model ?? (writer === "python" ? "unknown (a row of the Python class)" : "unknown"))}
        </Fact>
        {typeof answered === "string" && answered !== model && <Fact name="answered by">{oneLine(answered)}</Fact>}
        <Fact name="surface">{oneLine(surface ?? "unknown")}</Fact>
        <Fact name="written">{moment(createdAt)}</Fact>
        {expiresAt !== undefined && <Fact name="expires">{moment(expiresAt)}</Fact>}
        {tokens && <Fact name="tokens">{`${number(tokens.prompt)} in, ${number(tokens.completion)} out`}</Fact>}
        <Fact name="cost">
          <Cost entry={entry} />
          {money !== undefined && " by list prices"}
        </Fact>
        {finishReason !== undefined && <Fact name="ended by">{oneLine(finishReason)}</Fact>}
        <Fact name="size">{bytes(entry.bytes)}</Fact>
      </dl>
      <KeyedBy entry={entry} />
    </>
  );
}

/** The members of the key besides model and messages. */
function KeyedBy({ entry: { parameters, facts, requestIs } }: { readonly entry: EntryView }): JSX.Element | null {
  const members = [
    ...Object.entries(parameters.value as object),
    ...Object.entries(facts.value as object).filter(([name]) => name !== "surface"),
  ];
  if (requestIs !== "kept" || members.length === 0) return null;
  return (
    <>
      <h2>In the key</h2>
      <p class="note">The model, the messages, and:</p>
      <dl class="facts">
        {members.map(([name, value]) => (
          <Fact key={name} name={visible(name).slice(0, 60)}>
            {typeof value === "object" && value !== null ? (
              <JsonTree value={value} open={1} />
            ) : (
              visible(typeof value === "string" ? value : JSON.stringify(value))
            )}
          </Fact>
        ))}
      </dl>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
