/**
 * A lock is a directory with one file in it, whose name is the holder's token:
 *
 *   <lock>/<token>
 *
 * acquire  make `.<token>/<token>` aside and rename it to `<lock>`. The system lets that through only where `<lock>` is
 *          absent or empty, so a lock is never seen without its holder, and of many one gets it.
 * break    remove the file of the holder that was found dead, by its name, and the directory if it is empty. Names are
 *          never used twice: whoever has the lock by then keeps it. Then acquire, as everybody else may.
 * release  the same with the own name: who was taken over from removes nothing of its successor.
 */
import { type Steps, step } from "./steps.ts";
import { parseToken } from "./token.ts";

/** Whether the lock is now held by `mine`. Who holds it loses it where `isOver` says that this is over. */
export function* tryAcquire(lock: string, mine: string, isOver: (holder: string) => boolean): Steps<boolean> {
  const holder = yield* holderOf(lock);
  if (holder !== undefined) {
    if (!(yield* step(() => isOver(holder)))) return false;
    yield* remove(lock, holder);
  }
  return yield* acquire(lock, mine);
}

/** The token in a lock; undefined where the lock is free. */
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
  // Windows moves nothing onto an empty directory: one that a crash has left is out of the way next time.
  if (!isMine) yield* step((files) => files.rmdir(lock));
  return isMine;
}

/** Breaks or releases. */
export function* remove(lock: string, token: string): Steps<void> {
  yield* step((files) => files.unlink(`${lock}/${token}`));
  yield* step((files) => files.rmdir(lock));
}

/** Removes what processes have left that died while they acquired. */
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
    // Out of its owner's reach first: an owner that wakes must not find it empty and take the lock with nothing in it.
    yield* step((files) => files.move(stage, swept));
    const tokens = (yield* step((files) => files.list(swept))) ?? [];
    for (const token of tokens) yield* step((files) => files.unlink(`${swept}/${token}`));
    yield* step((files) => files.rmdir(swept));
  } catch {
    // Another process has swept it, or its owner has woken.
  }
}
