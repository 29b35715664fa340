import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { About } from "../wire.ts";
import { CompareView } from "./compare/compare-view.tsx";
import { EntriesView } from "./entries/entries-view.tsx";
import { EntryPane } from "./entry/entry-pane.tsx";
import { OverviewView } from "./overview/overview-view.tsx";
import { Announcer } from "./parts/announcer.tsx";
import { Help } from "./parts/help.tsx";
import { TokenForm } from "./parts/token-form.tsx";
import { about, getJson, messageOf, refusal } from "./state/api.ts";
import { isHelpOpen } from "./state/keyboard.ts";
import { listAddress, route } from "./state/route.ts";
import { nextTheme, theme } from "./state/theme.ts";
import { asksForToken, changeToken, needsToken } from "./state/token.ts";
import { WhyView } from "./why/why-view.tsx";

/** The page. The list stays in it behind an entry, so that a user comes back to the same place. */
export function App(): JSX.Element {
  useEffect(() => {
    if (needsToken.value) return;
    getJson<About>("about").then(
      (said) => {
        about.value = said;
        document.title = `remem · ${said.place.split(/[\\/]/).at(-1)}`;
      },
      (error: unknown) => {
        refusal.value = messageOf(error);
      },
    );
  }, []);
  const { view, key } = route.value;
  const isRefused = refusal.value !== undefined;
  return (
    <div class="shell">
      <Head />
      {needsToken.value || (isRefused && asksForToken) ? (
        <TokenForm problem={refusal.value} />
      ) : !isRefused ? (
        <main class={view === "entries" || view === "entry" ? `split ${view}` : "single"}>
          <EntriesView />
          {view === "entry" && <EntryPane key={key} entryKey={key} />}
          {view === "compare" && <CompareView />}
          {view === "why" && <WhyView />}
          {view === "overview" && <OverviewView />}
        </main>
      ) : (
        <main class="refusal">
          <h1>This page is closed</h1>
          <p>{refusal.value}</p>
          <p>
            Open the address that <code>remem view</code> prints. It contains a token, which changes each time.
          </p>
        </main>
      )}
      <Announcer />
      {isHelpOpen.value && <Help />}
    </div>
  );
}

function Head(): JSX.Element {
  const { view } = route.value;
  const current = (...views: readonly string[]): { "aria-current"?: "page" } =>
    views.includes(view) ? { "aria-current": "page" } : {};
  return (
    <header class={asksForToken ? "head asks" : "head"}>
      <span class="brand">remem</span>
      <span class="place" title={about.value?.place}>
        <bdi>{about.value?.place}</bdi>
      </span>
      <nav aria-label="Views">
        <a href={listAddress()} {...current("entries", "entry", "compare")}>
          Entries
        </a>
        <a href="#/overview" {...current("overview")}>
          Overview
        </a>
        <a href="#/why" {...current("why")}>
          Why<span class="wide"> did it miss</span>
        </a>
      </nav>
      <button
        type="button"
        class="button quiet"
        aria-label={`Colours: ${themeName()}`}
        onClick={nextTheme}
        title="Light, dark, or as the system has it"
      >
        <span class="wide">Colours: </span>
        {themeName()}
      </button>
      {asksForToken && !needsToken.value && (
        <button type="button" class="button quiet" onClick={() => changeToken("")} title="Forget the token">
          Leave
        </button>
      )}
      <button
        type="button"
        class="button quiet"
        aria-label="Keys"
        onClick={() => {
          isHelpOpen.value = true;
        }}
      >
        ?
      </button>
    </header>
  );
}

function themeName(): string {
  return theme.value === "system" ? "Auto" : theme.value === "light" ? "Light" : "Dark";
}
