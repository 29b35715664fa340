import { type Child, startChild } from "@remem/test-support/child";
import { CONTAINED, CONTAINED_WITH_OTHER_BOOT } from "@remem/test-support/container";

/** Runs a file of `processes/` against the built package, until the end of the test at the latest. */
export const start = (script: string, ...args: string[]): Child =>
  startChild(new URL(`processes/${script}.mjs`, import.meta.url), args);

/** The same in a separate PID namespace, as in another container. */
export const startContained = (script: string, ...args: string[]): Child =>
  startChild(new URL(`processes/${script}.mjs`, import.meta.url), args, CONTAINED);

/** The same, and the container has a boot id of its own, as LXC and systemd-nspawn give to theirs. */
export const startContainedWithOtherBoot = (script: string, ...args: string[]): Child =>
  startChild(new URL(`processes/${script}.mjs`, import.meta.url), args, CONTAINED_WITH_OTHER_BOOT);
