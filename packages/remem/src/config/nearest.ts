/** Returns the known name that is closest to a misspelt one, if any is close: `baseUrl` for `baseURL`, `timeout` for `timeoutMs`, `stroe` for `store`. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const own = plain(candidate);
    const contains = wanted.length >= 4 && own.includes(wanted);
    const distance = contains ? 0.5 : distanceOf(wanted, own);
    if (distance <= allowed(own) && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { name: candidate, distance };
  }
  return best?.name;
}

/** The maximum number of wrong letters in a name of this length. */
const allowed = (name: string): number => Math.max(1, Math.floor(name.length / 4) + (name.length >= 5 ? 1 : 0));

const plain = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, "");

/** The number of letters to insert, delete, replace or swap (optimal string alignment distance). */
function distanceOf(one: string, other: string): number {
  if (one.length > 64) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      let least = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1));
      const isSwap = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwap) least = Math.min(least, before[column - 2]! + 1);
      current.push(least);
    }
    before = last;
    last = current;
  }
  return last[other.length]!;
}
