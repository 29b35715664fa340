import { styleText } from "node:util";
import { SingleBar } from "cli-progress";
import type { BatchProgress, RememEvent } from "remem";

/** The progress of a batch, shown on standard error. */
export interface Progress {
  update(progress: BatchProgress): void;
  /** Shows what all calls wait for. */
  report(event: RememEvent): void;
  stop(): void;
}

const QUIET_MS = 10_000;

/** Shows a bar on a terminal, and otherwise an occasional line. */
export function showProgress(total: number | undefined): Progress {
  return process.stderr.isTTY ? bar(total) : quietLines();
}

function bar(total: number | undefined): Progress {
  const waits = createWaits();
  const counts = `${styleText("green", "{hits} hits")} · ${styleText("red", "{failures} failed")}`;
  const format =
    total === undefined
      ? `{value} answered · ${counts}{waiting}`
      : `{bar} {value}/{total} · ${counts} · {eta_formatted} left{waiting}`;
  const shown = new SingleBar({
    format,
    stream: process.stderr,
    hideCursor: true,
    barCompleteChar: "█",
    barIncompleteChar: "░",
  });
  shown.start(total ?? 0, 0, { hits: 0, failures: 0, waiting: "" });
  return {
    update({ done, hits, failures }) {
      if (shown.isActive) shown.update(done, { hits, failures, waiting: waits.shown() });
    },
    report(event) {
      if (waits.next(event) !== undefined && shown.isActive) shown.update({ waiting: waits.shown() });
    },
    stop: () => shown.stop(),
  };
}

function quietLines(): Progress {
  const waits = createWaits();
  let next = performance.now() + QUIET_MS;
  return {
    update({ done, hits, failures }) {
      if (performance.now() < next) return;
      next = performance.now() + QUIET_MS;
      console.error(`${done} answered, ${hits} hits, ${failures} failed`);
    },
    report(event) {
      const until = waits.next(event);
      if (until !== undefined) console.error(`the server limits the rate; all calls wait until ${until}`);
    },
    stop() {},
  };
}

/** The pauses of all calls. Pauses that follow each other closely are shown as one. */
function createWaits() {
  let end = 0;
  return {
    /** When a new wait ends, as a person's clock shows it. */
    next(event: RememEvent): string | undefined {
      if (event.type !== "rate-limited" || Date.now() + event.waitMs < end + 500) return undefined;
      end = Date.now() + event.waitMs;
      return clock(end);
    },
    /** For the bar: "" when nothing is waited for. */
    shown: () => (Date.now() < end ? ` · rate limit until ${clock(end)}` : ""),
  };
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}
