import type { LockFiles } from "./lock-files.ts";

/** One atomic operation. */
export type Step<T = unknown> = (files: LockFiles) => T;

/**
 * A procedure that pauses before each operation. Other processes may act between any two of them, so the tests can try
 * every interleaving of several processes.
 */
export type Steps<T> = Generator<Step, T, unknown>;

export function* step<T>(act: Step<T>): Steps<T> {
  return (yield act) as T;
}

/** Runs all steps without a pause. */
export function run<T>(steps: Steps<T>, files: LockFiles): T {
  let turn = steps.next();
  while (!turn.done) turn = proceed(steps, turn.value, files);
  return turn.value;
}

function proceed<T>(steps: Steps<T>, act: Step, files: LockFiles): IteratorResult<Step, T> {
  let result: unknown;
  try {
    result = act(files);
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next(result);
}
