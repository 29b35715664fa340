import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { visible } from "../parts/format.ts";
import { seen } from "../state/entries.ts";
import { PERIODS } from "../state/periods.ts";
import { FILTERS, filterText, route, setParams } from "../state/route.ts";
import { active } from "../state/selection.ts";

/** The pause after which a user has finished typing. */
const PAUSE_MS = 250;

/** The filters of the list. Only the address holds them. */
export function Filters(): JSX.Element {
  const { params } = route.value;
  const { model, surface, finish } = seen.value;
  return (
    <search class="filters">
      <Search value={params.q ?? ""} />
      <Choice name="model" label="Model" values={model} />
      <Choice name="surface" label="Surface" values={surface} />
      <Choice name="finish" label="Ended by" values={finish} />
      <select
        aria-label="Written"
        value={params.since ?? ""}
        data-set={params.since ? true : undefined}
        onChange={(event) => change({ since: event.currentTarget.value })}
      >
        <option value="">Any time</option>
        {Object.entries(PERIODS).map(([name, [, label]]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
        {params.since !== undefined && !Object.hasOwn(PERIODS, params.since) && (
          <option value={params.since}>Since {params.since}</option>
        )}
      </select>
      {filterText.value !== "" && (
        <button
          type="button"
          class="button quiet"
          onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, ""])))}
        >
          Clear
        </button>
      )}
    </search>
  );
}

function change(params: Readonly<Record<string, string>>): void {
  active.value = 0;
  setParams(params);
}

function Search({ value }: { readonly value: string }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useEffect(() => {
    const { current } = field;
    if (current !== null && document.activeElement !== current) current.value = value;
  }, [value]);
  const set = (): void => {
    clearTimeout(timer.current);
    change({ q: field.current!.value });
  };
  return (
    <input
      ref={field}
      id="search"
      type="search"
      aria-label="Search questions and answers"
      placeholder="Search questions and answers"
      autocomplete="off"
      spellcheck={false}
      onInput={() => {
        clearTimeout(timer.current);
        timer.current = window.setTimeout(set, PAUSE_MS);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        set();
        field.current!.blur();
      }}
    />
  );
}

interface ChoiceProps {
  readonly name: (typeof FILTERS)[number];
  readonly label: string;
  readonly values: ReadonlySet<string>;
}

function Choice({ name, label, values }: ChoiceProps): JSX.Element | null {
  const chosen = route.value.params[name] ?? "";
  const all = new Set([...values, ...(chosen === "" ? [] : [chosen])]);
  if (all.size < 2 && chosen === "") return null;
  return (
    <select
      aria-label={label}
      value={chosen}
      data-set={chosen === "" ? undefined : true}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    >
      <option value="">{label}</option>
      {[...all].sort().map((value) => (
        <option key={value} value={value}>
          {visible(value).slice(0, 80)}
        </option>
      ))}
    </select>
  );
}
