const ADDRESS = /^[a-z][a-z\d+.-]*:\/\//i;
const PATH = /^(?:\.{0,2}[\\/]|[a-z]:[\\/])|\.(?:sqlite3?|db)$/i;

/** The URL of the store at this place: a file, or an address without credentials. Undefined if none can be named. */
export function storeUrlOf(place: string = ""): string | undefined {
  // A text after a user's name or in the query may be a password.
  if (ADDRESS.test(place)) return /[@?#\s]/.test(place) ? undefined : place;
  if (/^sqlite:/i.test(place)) return /@/.test(place) ? undefined : place;
  return PATH.test(place) ? `sqlite:${place}` : undefined;
}
