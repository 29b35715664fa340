import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { CUT } from "../../wire.ts";
import { visible } from "./format.ts";

interface JsonTreeProps {
  readonly value: unknown;
  /** How many levels are open at first. */
  readonly open?: number;
}

/** JSON laid out, whose objects and lists can be folded. */
export function JsonTree({ value, open = 3 }: JsonTreeProps): JSX.Element {
  return (
    <div class="json">
      <Value value={value} open={open} />
    </div>
  );
}

interface ValueProps {
  readonly name?: string;
  readonly value: unknown;
  readonly open: number;
}

/** A page of a long list. */
const PAGE = 100;

function Value({ name, value, open }: ValueProps): JSX.Element {
  const cut = cutIn(value);
  if (cut !== undefined) {
    return (
      <div class="json-line">
        <Name name={name} />
        <span class="json-cut">{visible(cut)}</span>
      </div>
    );
  }
  if (typeof value !== "object" || value === null) {
    return (
      <div class="json-line">
        <Name name={name} />
        <Plain value={value} />
      </div>
    );
  }
  return <Group name={name ?? ""} value={value} open={open} />;
}

function Group({ name, value, open }: ValueProps & { readonly value: object; readonly name: string }): JSX.Element {
  const isOpen = useSignal(open > 0);
  const shown = useSignal(PAGE);
  const isList = Array.isArray(value);
  const members = Object.entries(value);
  const [left, right] = isList ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) {
    return (
      <div class="json-line">
        <Name name={name} />
        <span class="json-mark">{left + right}</span>
      </div>
    );
  }
  return (
    <details
      class="json-group"
      open={isOpen.value}
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>
        <Name name={name} />
        <span class="json-mark">
          {left}
          {isOpen.value ? "" : ` ${members.length} ${right}`}
        </span>
      </summary>
      {isOpen.value && (
        <div class="json-members">
          {members.slice(0, shown.value).map(([member, inner]) => (
            <Value key={member} {...(isList ? {} : { name: member })} value={inner} open={open - 1} />
          ))}
          {members.length > shown.value && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                shown.value += PAGE * 10;
              }}
            >
              {members.length - shown.value} more
            </button>
          )}
        </div>
      )}
      {isOpen.value && <span class="json-mark">{right}</span>}
    </details>
  );
}

function Name({ name }: { readonly name: string | undefined }): JSX.Element | null {
  return name ? (
    <>
      <span class="json-name">{visible(name)}</span>
      <span class="json-mark">: </span>
    </>
  ) : null;
}

function Plain({ value }: { readonly value: unknown }): JSX.Element {
  if (typeof value !== "string") return <span class="json-number">{String(value)}</span>;
  return <span class="json-text">{visible(value.includes("\n") ? value : JSON.stringify(value))}</span>;
}

function cutIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, CUT)) return undefined;
  return String((value as Record<string, unknown>)[CUT]);
}
