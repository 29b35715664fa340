import { computed, signal } from "@preact/signals";

/** The contents of the address: the view, its entry, and the filters. */
export interface Route {
  readonly view: "entries" | "entry" | "compare" | "why" | "overview";
  /** The key of the entry, if the view is one. */
  readonly key: string;
  readonly params: Readonly<Record<string, string>>;
}

const VIEWS: readonly string[] = ["entries", "entry", "compare", "why", "overview"] satisfies Route["view"][];

export const route = signal<Route>({ view: "entries", key: "", params: {} });

/** The parameters that choose entries. */
export const FILTERS = ["q", "model", "surface", "finish", "since"] as const;

/** The filters in the address, as one text that changes with them. */
export const filterText = computed(() => {
  const { params } = route.value;
  return new URLSearchParams(FILTERS.flatMap((name) => (params[name] ? [[name, params[name]]] : []))).toString();
});

export function startRoute(): void {
  const read = (): void => {
    route.value = parse(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

function parse(hash: string): Route {
  const [, view = "", key = "", query = ""] = /^#\/(\w+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(hash) ?? [];
  const params = Object.fromEntries(new URLSearchParams(query));
  if (!VIEWS.includes(view)) return { view: "entries", key: "", params };
  return { view: view as Route["view"], key: decoded(key), params };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view. The filters stay, so that the list beside an entry is the same. */
export function addressOf(to: Partial<Route> & Pick<Route, "view">, params: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "")).toString();
  const key = to.key ? `/${encodeURIComponent(to.key)}` : "";
  return `#/${to.view}${key}${query === "" ? "" : `?${query}`}`;
}

/** The address of an entry beside the list as it is. */
export function entryAddress(key: string): string {
  return addressOf({ view: "entry", key }, listParams());
}

/** The address of the list as it is. */
export function listAddress(): string {
  return addressOf({ view: "entries" }, listParams());
}

/** The number of entries that fit beside each other. */
export const MOST_COMPARED = 4;

/** The address of the first entries side by side. */
export function compareAddress(keys: Iterable<string>): string {
  return addressOf({ view: "compare" }, { ...listParams(), keys: [...keys].slice(0, MOST_COMPARED).join(",") });
}

function listParams(): Readonly<Record<string, string>> {
  const { keys: _, ...params } = route.value.params;
  return params;
}

/** Changes filters or the order, in the address. */
export function setParams(changes: Readonly<Record<string, string>>): void {
  const { view, key, params } = route.value;
  go(addressOf({ view, key }, { ...params, ...changes }), true);
}

export function go(address: string, replaces = false): void {
  if (replaces) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  route.value = parse(address);
}
