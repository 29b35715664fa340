import { signal } from "@preact/signals";

const NAME = "remem-token";

/**
 * Whether whoever opens this page has a token, as at a gateway. It is the key of somebody's account and lasts, so that it goes when its tab
 * does: what else comes from this address could read it for ever otherwise. The token of `remem view` ends with that, and other tabs need it.
 */
export const asksForToken: boolean = document.querySelector(`meta[name=${NAME}][content=asked]`) !== null;

const storage = asksForToken ? sessionStorage : localStorage;

let token = "";

/** Whether the page has to ask for a token before it can ask for anything else. */
export const needsToken = signal(false);

/** Takes the token out of the address, where it would stay in the history. */
export function takeToken(): void {
  const [, given] = /^#token=([\w.-]+)$/.exec(location.hash) ?? [];
  if (given !== undefined) {
    storage.setItem(NAME, given);
    history.replaceState(null, "", "#/entries");
  }
  token = given ?? storage.getItem(NAME) ?? "";
  needsToken.value = asksForToken && token === "";
}

/** Starts anew with another token, which an address has brought that was opened in this tab. */
export function watchToken(): void {
  addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#token=")) return;
    takeToken();
    location.reload();
  });
}

/** Starts anew with a token that was typed, or without one. */
export function changeToken(given: string): void {
  if (given === "") storage.removeItem(NAME);
  else storage.setItem(NAME, given);
  location.reload();
}

/** What lets this page call the server. */
export function authorization(): string {
  return `Bearer ${token}`;
}
