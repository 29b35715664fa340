import { signal } from "@preact/signals";

const NAME = "remem-token";

/**
 * Whether a user of this page brings a token, as at a gateway. Such a token is the key of an account and does not expire. So
 * the page forgets it with its tab: otherwise other pages of this address could read it forever. The token of `remem view` ends
 * with the command, and other tabs need it.
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

/** Starts anew with a new token, if an address in this tab brings one. */
export function watchToken(): void {
  addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#token=")) return;
    takeToken();
    location.reload();
  });
}

/** Starts anew with a typed token, or without one. */
export function changeToken(given: string): void {
  if (given === "") storage.removeItem(NAME);
  else storage.setItem(NAME, given);
  location.reload();
}

/** The credentials of this page for the server. */
export function authorization(): string {
  return `Bearer ${token}`;
}
