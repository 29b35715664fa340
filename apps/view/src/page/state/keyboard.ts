import { signal } from "@preact/signals";
import { list, reload } from "./entries.ts";
import { compareAddress, entryAddress, go, listAddress, route } from "./route.ts";
import { active, select, selection, toggle } from "./selection.ts";

/** Whether the list of keys is shown. */
export const isHelpOpen = signal(false);

/** The actions of keys, as the help shows them. */
export const KEYS: ReadonlyArray<readonly [keys: readonly string[], does: string]> = [
  [["/"], "search"],
  [["j", "↓"], "next entry"],
  [["k", "↑"], "previous entry"],
  [["Home", "End"], "first and last entry"],
  [["Enter"], "open the entry"],
  [["Esc"], "back to the list, or clear the selection"],
  [["x", "Space"], "select the entry"],
  [["c"], "compare the selected entries"],
  [["r"], "load the list again"],
  [["e", "o", "w"], "entries, overview, why did it miss"],
  [["?"], "these keys"],
];

const PAGE = 20;

/** Each key does the same everywhere except in fields, where only Esc works. */
export function startKeyboard(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const target = event.target as HTMLElement;
    const isField = target.matches("textarea, select, input:not([type=checkbox])");
    if (isField) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const isControl = target.matches("button, a, summary, input, [role=tab]");
    if (isControl && ["Enter", " "].includes(event.key)) return;
    if (target.closest("[role=tablist]") !== null && event.key.startsWith("Arrow")) return;
    if (act(event.key)) event.preventDefault();
  });
}

function act(key: string): boolean {
  switch (key) {
    case "?":
      isHelpOpen.value = true;
      return true;
    case "/":
      focusSearch();
      return true;
    case "e":
      go(listAddress());
      return true;
    case "o":
      go("#/overview");
      return true;
    case "w":
      go("#/why");
      return true;
    case "Escape":
      return leave();
    default:
      return isAtList() && actOnList(key);
  }
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>("#search");
  if (field?.checkVisibility()) field.select();
  else {
    go(listAddress());
    requestAnimationFrame(() => field?.select());
  }
}

const isAtList = (): boolean => route.value.view === "entries" || route.value.view === "entry";

function actOnList(key: string): boolean {
  const { rows } = list.value;
  const current = rows[active.value];
  // Arrows and Space scroll an open entry, as they do everywhere.
  if (route.value.view === "entry" && !/^[jkxcr]$/.test(key)) return false;
  switch (key) {
    case "j":
    case "ArrowDown":
      return moveTo(active.value + 1);
    case "k":
    case "ArrowUp":
      return moveTo(active.value - 1);
    case "PageDown":
      return moveTo(active.value + PAGE);
    case "PageUp":
      return moveTo(active.value - PAGE);
    case "Home":
      return moveTo(0);
    case "End":
      return moveTo(rows.length - 1);
    case "Enter":
      if (current !== undefined) go(entryAddress(current.key));
      return true;
    case "x":
    case " ":
      if (current !== undefined) toggle(current.key);
      return true;
    case "c":
      if (selection.value.size >= 2) go(compareAddress(selection.value));
      return true;
    case "r":
      reload();
      return true;
    default:
      return false;
  }
}

/** With an entry open, the next one is opened in its place. Long entries are scrolled by the keys that scroll. */
function moveTo(index: number): boolean {
  const { rows } = list.value;
  if (rows.length === 0) return false;
  active.value = Math.min(Math.max(index, 0), rows.length - 1);
  if (route.value.view === "entry") go(entryAddress(rows[active.value]!.key), true);
  return true;
}

function leave(): boolean {
  if (route.value.view !== "entries") go(listAddress());
  else if (selection.value.size > 0) select([]);
  else return false;
  return true;
}
