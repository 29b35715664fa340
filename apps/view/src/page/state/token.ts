const NAME = "remem-token";

let token = "";

/** Takes the token out of the address, where it would stay in the history, and keeps it for other tabs. */
export function takeToken(): void {
  const [, given] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (given !== undefined) {
    localStorage.setItem(NAME, given);
    history.replaceState(null, "", "#/entries");
  }
  token = given ?? localStorage.getItem(NAME) ?? "";
}

/** Starts anew with another token, which an address has brought that was opened in this tab. */
export function watchToken(): void {
  addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#token=")) return;
    takeToken();
    location.reload();
  });
}

/** What lets this page call the server. */
export function authorization(): string {
  return `Bearer ${token}`;
}
