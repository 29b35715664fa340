/**
 * A lock is a directory with one file in it, whose name is the holder's token:
 *
 *   <lock>/<token>
 *
 * acquire  create `.<token>/<token>` and rename `.<token>` to `<lock>`. The rename succeeds only if `<lock>` is absent or
 *          empty, so a lock is never visible without its holder, and one of several contenders gets it.
 * break    remove the file of the holder that was found dead, by its name, then the directory if it is empty. Names are
 *          never reused, so a new holder of the lock keeps it. Then acquire, in competition with all others.
 * release  the same with the process's own name: a process that lost the lock removes nothing of its successor.
 */
import { type Steps, step } from "./steps.ts";
import { parseToken } from "./token.ts";

/** Tries to acquire the lock for `mine`, breaking it first if `isOver(holder)`. Returns whether `mine` now holds it. */
export function* tryAcquire(lock: string, mine: string, isOver: (holder: string) => boolean): Steps<boolean> {
  const holder = yield* holderOf(lock);
  if (holder !== undefined) {
    if (!(yield* step(() => isOver(holder)))) return false;
    yield* remove(lock, holder);
  }
  return yield* acquire(lock, mine);
}

/** Returns the token in a lock; undefined if the lock is free. */
export function* holderOf(lock: string): Steps<string | undefined> {
  const names = (yield* step((files) => files.list(lock))) ?? [];
  const holder = names.find(parseToken);
  if (holder === undefined && names.length > 0)
    throw new Error(`${lock} holds ${names[0]}, which is not ours; remove it`);
  return holder;
}

function* acquire(lock: string, mine: string): Steps<boolean> {
  const stage = `.${mine}`;
  let isMine = false;
  yield* step((files) => files.makeDirectory(stage));
  try {
    yield* step((files) => files.create(`${stage}/${mine}`));
    isMine = yield* step((files) => files.move(stage, lock));
  } finally {
    if (!isMine) yield* remove(stage, mine);
  }
  // Windows renames nothing onto an empty directory: remove one that a crash left behind, for the next attempt.
  if (!isMine) yield* step((files) => files.rmdir(lock));
  return isMine;
}

/** Breaks or releases a lock. */
export function* remove(lock: string, token: string): Steps<void> {
  yield* step((files) => files.unlink(`${lock}/${token}`));
  yield* step((files) => files.rmdir(lock));
}

/** Removes the leftovers of processes that died while acquiring a lock. */
export function* sweep(makeToken: () => string, isOld: (stage: string) => boolean): Steps<void> {
  const names = (yield* step((files) => files.list("."))) ?? [];
  for (const stage of names) {
    if (!stage.startsWith(".") || parseToken(stage.slice(1)) === undefined) continue;
    if (yield* step(() => isOld(stage))) yield* discard(stage, makeToken());
  }
}

function* discard(stage: string, fresh: string): Steps<void> {
  const swept = `.${fresh}`;
  try {
    // Renamed first: an owner that wakes up must not rename the emptied directory to a lock without a holder.
    yield* step((files) => files.move(stage, swept));
    const tokens = (yield* step((files) => files.list(swept))) ?? [];
    for (const token of tokens) yield* step((files) => files.unlink(`${swept}/${token}`));
    yield* step((files) => files.rmdir(swept));
  } catch {
    // Another process has swept it, or its owner has woken up.
  }
}
