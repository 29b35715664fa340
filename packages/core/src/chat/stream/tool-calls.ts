import { isEmpty, isMembers, type Members } from "./members.ts";

/**
 * Finds the call that a piece continues; undefined if the piece begins one. The `index` alone is not enough: some servers
 * send 0 or null for all calls. If there is an id, it decides.
 */
export function callToContinue(calls: readonly Members[], piece: Members): Members | undefined {
  const last = isEmpty(piece.index) ? calls.at(-1) : calls.findLast(({ index }) => index === piece.index);
  if (isEmpty(piece.id)) return last !== undefined && isNextWithoutId(last, piece) ? undefined : last;
  const known = calls.filter(({ id }) => id === piece.id);
  if (known.length > 0) {
    // Some servers give several calls the same id. A name at a new index then begins another call.
    const isOther = last === undefined && nameOf(piece) !== undefined && !isEmpty(known[0]?.index);
    return isOther ? undefined : (known.find((call) => call === last) ?? known.at(-1));
  }
  return last !== undefined && isEmpty(last.id) && !bringsSecondName(last, piece) ? last : undefined;
}

/** Whether a piece without an id begins a call: its name differs, or, if no piece has an id, the last call is complete. */
function isNextWithoutId(last: Members, piece: Members): boolean {
  const [known, name] = [nameOf(last), nameOf(piece)];
  if (known === undefined || name === undefined) return false;
  return known !== name || (isEmpty(last.id) && hasAllArguments(last));
}

/** A server may repeat the name with the id, but not after the arguments have begun. */
function bringsSecondName(last: Members, piece: Members): boolean {
  const [known, name] = [nameOf(last), nameOf(piece)];
  return known !== undefined && name !== undefined && (known !== name || !isEmpty(argumentsOf(last)));
}

function hasAllArguments(call: Members): boolean {
  const given = argumentsOf(call);
  if (typeof given !== "string") return isMembers(given);
  try {
    JSON.parse(given);
    return true;
  } catch {
    return false;
  }
}

function nameOf(call: Members): string | undefined {
  const { name } = detailsOf(call);
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The arguments of a function, or the input of a custom tool. */
function argumentsOf(call: Members): unknown {
  const { arguments: given, input } = detailsOf(call);
  return given ?? input;
}

function detailsOf({ function: called, custom }: Members): Members {
  if (isMembers(called)) return called;
  return isMembers(custom) ? custom : {};
}
