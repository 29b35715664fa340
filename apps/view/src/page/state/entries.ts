import { computed, effect, signal, untracked } from "@preact/signals";
import type { Row, RowsLine } from "../../wire.ts";
import { jsonLines, messageOf } from "./api.ts";
import { sinceTime } from "./periods.ts";
import { filterText, route } from "./route.ts";
import { compareBy } from "./sorting.ts";

/** A browser cannot lay out a longer list. */
const MOST_ROWS = 500_000;
/** How often new rows are shown: laying out a longer list takes time that the rows need, too. */
const SHOW_MS = 100;
/** The longest wait for the browser, because it does not paint a hidden page. */
const LONGEST_PAINT_MS = 200;

let rows: Row[] = [];
let loading: AbortController | undefined;
/** Changes whenever rows have arrived. */
const version = signal(0);
/** Changes now and then while rows arrive: sorting them takes time. */
const sortedAt = signal(0);

/** The state of the list: whether more rows will come, and the problem. */
export const listState = signal<{ readonly isLoading: boolean; readonly error?: string; readonly isCapped?: boolean }>({
  isLoading: true,
});

/** The values that loaded rows have, for the filters. They stay when a filter narrows the list. */
export const seen = signal<Readonly<Record<"model" | "surface" | "finish", ReadonlySet<string>>>>({
  model: new Set(),
  surface: new Set(),
  finish: new Set(),
});

const sorted = computed(() => {
  const { sort } = route.value.params;
  sortedAt.value;
  const compare = sort ? compareBy(sort) : undefined;
  return compare && rows.toSorted(compare);
});

/** The rows in their order. The list grows in place: the object is another one whenever it has changed. */
export const list = computed<{ readonly rows: readonly Row[]; readonly version: number }>(() => ({
  rows: sorted.value ?? rows,
  version: version.value,
}));

/** The total size and cost of the rows. */
export const sums = signal({ bytes: 0, dollars: 0, prompt: 0, completion: 0 });

/** Loads the list whenever the filters in the address change. */
export function startEntries(): void {
  effect(() => {
    const { value } = filterText;
    untracked(() => void load(value));
  });
}

export function reload(): void {
  void load(filterText.peek());
}

/** Removes rows that are not in the store any more. */
export function forget(keys: ReadonlySet<string>): void {
  rows = rows.filter(({ key }) => !keys.has(key));
  recount();
  version.value += 1;
  sortedAt.value += 1;
}

async function load(filters: string): Promise<void> {
  loading?.abort();
  const own = new AbortController();
  loading = own;
  rows = [];
  sums.value = { bytes: 0, dollars: 0, prompt: 0, completion: 0 };
  listState.value = { isLoading: true };
  version.value += 1;
  sortedAt.value += 1;
  let [last, shownAt] = [performance.now(), 0];
  let waiting: Row[] = [];
  function publish(): void {
    add(waiting);
    waiting = [];
    version.value += 1;
  }
  try {
    for await (const line of jsonLines<RowsLine>(`entries?${queryOf(filters)}`, own.signal)) {
      if (own.signal.aborted) return; // Lines that were read before may still arrive.
      if ("error" in line) throw new Error(line.error);
      for (const row of line as readonly Row[]) waiting.push(row);
      const isFirst = rows.length === 0;
      if (!isFirst && performance.now() - shownAt < SHOW_MS) continue;
      publish();
      if (isFirst) await painted();
      shownAt = performance.now();
      if (rows.length >= MOST_ROWS) {
        listState.value = { isLoading: false, isCapped: true };
        sortedAt.value += 1;
        own.abort();
        return;
      }
      if (performance.now() - last > 1_000) {
        sortedAt.value += 1;
        last = performance.now();
      }
    }
    publish();
    listState.value = { isLoading: false };
  } catch (error) {
    if (own.signal.aborted) return;
    publish();
    listState.value = { isLoading: false, error: messageOf(error) };
  }
  if (!own.signal.aborted) sortedAt.value += 1;
}

/** Resolves once the browser has painted the changes, or if the page is hidden. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, LONGEST_PAINT_MS);
  });
}

function queryOf(filters: string): string {
  const params = new URLSearchParams(filters);
  const since = sinceTime(params.get("since") ?? "");
  params.delete("since");
  if (since !== undefined) params.set("since", `${since}`);
  return params.toString();
}

function add(added: readonly Row[]): void {
  const { model, surface, finish } = seen.peek();
  const before = model.size + surface.size + finish.size;
  const [models, surfaces, finishes] = [new Set(model), new Set(surface), new Set(finish)];
  for (const row of added) {
    rows.push(row);
    if (row.model !== undefined && models.size < 500) models.add(row.model);
    if (row.surface !== undefined) surfaces.add(row.surface);
    if (row.finishReason !== undefined && finishes.size < 100) finishes.add(row.finishReason);
  }
  if (models.size + surfaces.size + finishes.size > before) {
    seen.value = { model: models, surface: surfaces, finish: finishes };
  }
  sums.value = summed(sums.peek(), added);
}

function recount(): void {
  sums.value = summed({ bytes: 0, dollars: 0, prompt: 0, completion: 0 }, rows);
}

function summed(start: typeof sums.value, added: readonly Row[]): typeof sums.value {
  let { bytes, dollars, prompt, completion } = start;
  for (const row of added) {
    bytes += row.bytes;
    dollars += row.dollars ?? 0;
    prompt += row.tokens?.prompt ?? 0;
    completion += row.tokens?.completion ?? 0;
  }
  return { bytes, dollars, prompt, completion };
}
