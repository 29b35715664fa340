import { type Child, startChild } from "@remem/test-support/child";
import { CONTAINED } from "@remem/test-support/container";

/** Runs a file of `processes/` against the built package, until the end of the test at the latest. */
export const start = (script: string, ...args: string[]): Child =>
  startChild(new URL(`processes/${script}.mjs`, import.meta.url), args);

/** The same in a separate PID namespace, as in another container. */
export const startContained = (script: string, ...args: string[]): Child =>
  startChild(new URL(`processes/${script}.mjs`, import.meta.url), args, CONTAINED);
