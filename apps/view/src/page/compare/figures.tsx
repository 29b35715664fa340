import type { ComponentChildren, JSX } from "preact";
import type { EntryView } from "../../wire.ts";
import { Cost } from "../entry/cost.tsx";
import { moment, number, oneLine, visible } from "../parts/format.ts";

interface FiguresProps {
  readonly entry: EntryView;
  /** The first entry, whose figures the others are compared with. */
  readonly reference: EntryView | undefined;
  /** Whether one of the entries is another sample than the usual one. */
  readonly hasSamples: boolean;
}

export function Figures({ entry, reference, hasSamples }: FiguresProps): JSX.Element {
  const { tokens, dollars: money, createdAt, finishReason, sample = 0 } = entry;
  const other = entry === reference ? undefined : reference;
  return (
    <dl class="facts">
      <Line name="written">{moment(createdAt)}</Line>
      <Line name="tokens in">
        {tokens === undefined ? "unknown" : number(tokens.prompt)}{" "}
        <By own={tokens?.prompt} other={other?.tokens?.prompt} />
      </Line>
      <Line name="tokens out">
        {tokens === undefined ? "unknown" : number(tokens.completion)}{" "}
        <By own={tokens?.completion} other={other?.tokens?.completion} />
      </Line>
      <Line name="cost">
        <Cost entry={entry} /> <By own={money} other={other?.dollars} />
      </Line>
      <Line name="ended by">{oneLine(finishReason ?? "unknown")}</Line>
      {hasSamples && <Line name="sample">{sample}</Line>}
    </dl>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The difference from the first entry. */
function By({
  own,
  other,
}: {
  readonly own: number | undefined;
  readonly other: number | undefined;
}): JSX.Element | null {
  if (own === undefined || !other || own === other) return null;
  const share = Math.round((own / other - 1) * 100);
  return share === 0 ? null : <span class="note">{share > 0 ? `+${share} %` : `−${-share} %`}</span>;
}

/** Members of the key that differ from those of the first entry. */
export function Differing({ entry, reference }: Omit<FiguresProps, "hasSamples">): JSX.Element | null {
  if (reference === undefined || entry === reference) return null;
  const [own, other] = [entry, reference].map(
    ({ parameters, facts }): Record<string, unknown> => ({
      ...(parameters.value as object),
      ...(facts.value as object),
    }),
  );
  const names = [...new Set([...Object.keys(own!), ...Object.keys(other!)])].filter(
    (name) => name !== "sample" && JSON.stringify(own![name]) !== JSON.stringify(other![name]),
  );
  if (names.length === 0) return null;
  return (
    <dl class="facts differing">
      {names.map((name) => (
        <Line key={name} name={visible(name).slice(0, 60)}>
          {shown(own![name])}
        </Line>
      ))}
    </dl>
  );
}

const shown = (value: unknown): string =>
  value === undefined ? "not set" : oneLine(JSON.stringify(value)).slice(0, 200);
