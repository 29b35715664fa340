import { RememError } from "@remem/core/plugin";

/** Whether a gateway can do its work. If it cannot, the check rejects or takes too long. */
export type ReadyCheck = () => unknown;

const READY_MS = 2_000;

/**
 * Returns why a gateway is not ready, if it is not. Concurrent checks are coalesced.
 * @internal
 */
export function createReadiness(check: ReadyCheck | undefined): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined;
  async function problemOf(check: ReadyCheck): Promise<string | undefined> {
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve(`the check takes longer than ${READY_MS / 1_000} s`), READY_MS);
    try {
      return await Promise.race<string | undefined>([late.promise, passed(check)]);
    } catch (error) {
      // Its text may contain addresses, and anybody may read the page.
      return `the check has failed${RememError.is(error) ? `: ${error.code}` : ""}`;
    } finally {
      clearTimeout(timer);
    }
  }
  return async () => {
    if (check === undefined) return undefined;
    asked ??= problemOf(check).finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

async function passed(check: ReadyCheck): Promise<undefined> {
  await check();
}
