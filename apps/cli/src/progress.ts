import { styleText } from "node:util";
import { SingleBar } from "cli-progress";
import type { BatchProgress } from "remem";

/** The progress of a batch, shown on standard error. */
export interface Progress {
  update(progress: BatchProgress): void;
  stop(): void;
}

const QUIET_MS = 10_000;

/** Shows a bar on a terminal, and otherwise an occasional line. Calls `countTotal` only for the bar. */
export async function showProgress(countTotal: () => Promise<number | undefined>): Promise<Progress> {
  return process.stderr.isTTY ? bar(await countTotal()) : quietLines();
}

function bar(total: number | undefined): Progress {
  const counts = `${styleText("green", "{hits} hits")} · ${styleText("red", "{failures} failed")}`;
  const format =
    total === undefined ? `{value} answered · ${counts}` : `{bar} {value}/{total} · ${counts} · {eta_formatted} left`;
  const shown = new SingleBar({
    format,
    stream: process.stderr,
    hideCursor: true,
    barCompleteChar: "█",
    barIncompleteChar: "░",
  });
  shown.start(total ?? 0, 0, { hits: 0, failures: 0 });
  return {
    update({ done, hits, failures }) {
      if (shown.isActive) shown.update(done, { hits, failures });
    },
    stop: () => shown.stop(),
  };
}

function quietLines(): Progress {
  let next = performance.now() + QUIET_MS;
  return {
    update({ done, hits, failures }) {
      if (performance.now() < next) return;
      next = performance.now() + QUIET_MS;
      console.error(`${done} answered, ${hits} hits, ${failures} failed`);
    },
    stop() {},
  };
}
