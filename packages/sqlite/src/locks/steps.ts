import type { LockFiles } from "./lock-files.ts";

/** One operation: nobody else does anything while it happens. */
export type Step<T = unknown> = (files: LockFiles) => T;

/**
 * A procedure that stops before each operation, between any two of which other processes may do anything. So the tests
 * can try every order in which the operations of several processes can happen.
 */
export type Steps<T> = Generator<Step, T, unknown>;

export function* step<T>(act: Step<T>): Steps<T> {
  return (yield act) as T;
}

/** Without a stop. */
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
