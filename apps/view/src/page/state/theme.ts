import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const NAME = "remem-theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export const theme = signal<Theme>("system");

/** Counts changes of the colours, for code that paints on a canvas. */
export const paints = signal(0);

export function startTheme(): void {
  const stored = localStorage.getItem(NAME) as Theme;
  set(THEMES.includes(stored) ? stored : "system");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    paints.value += 1;
  });
}

export function nextTheme(): void {
  set(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!);
  localStorage.setItem(NAME, theme.value);
}

function set(chosen: Theme): void {
  theme.value = chosen;
  document.documentElement.dataset.theme = chosen;
  paints.value += 1;
}
