import { SingleBar } from "cli-progress";
import type { RememEvent } from "remem";
import { number } from "./figures.ts";
import { createPace } from "./pace.ts";
import { barText, type Progress, plainText } from "./progress-text.ts";

/** The results of a batch so far. */
export type Counts = Pick<Progress, "done" | "hits" | "failures" | "tokens" | "dollars">;

/** The progress of a batch, shown on standard error. */
export interface ProgressDisplay {
  /** Shows the reason of a common wait, and limits that do not fit. */
  report(event: RememEvent): void;
  stop(): void;
}

const QUIET_MS = 10_000;

/**
 * Shows a bar on a terminal, and otherwise an occasional line. If the answers go to the same terminal, they are the progress,
 * and only waits are shown.
 */
export function showProgress(
  total: number | undefined,
  counts: () => Counts,
  { withAnswers }: { readonly withAnswers: boolean },
): ProgressDisplay {
  const waits = createWaits();
  const pace = createPace();

  function progress(): Progress {
    const now = counts();
    const perSecond = pace.perSecond(now.done);
    const left = total === undefined || perSecond === undefined ? undefined : (total - now.done) / perSecond;
    return { ...now, total, perSecond, secondsLeft: left, waitsUntil: waits.end() };
  }
  if (process.stderr.isTTY && !withAnswers) return bar(progress, waits);
  return lines(withAnswers && process.stderr.isTTY ? undefined : () => plainText(progress()), waits);
}

function bar(progress: () => Progress, waits: Waits): ProgressDisplay {
  const shown = new SingleBar({
    // It draws by a timer, and a text that has not changed is not written again.
    format: (_, { maxWidth }) => barText(progress(), maxWidth),
    stream: process.stderr,
    hideCursor: true,
  });
  shown.start(0, 0);
  const notices = createNotices();
  const held: string[] = [];
  return {
    report(event) {
      waits.next(event);
      const notice = notices.next(event);
      if (notice !== undefined) held.push(notice);
    },
    stop() {
      shown.stop();
      for (const notice of held.splice(0)) console.error(notice); // The bar would be drawn over them.
    },
  };
}

function lines(text: (() => string) | undefined, waits: Waits): ProgressDisplay {
  const timer = text && setInterval(() => console.error(text()), QUIET_MS).unref();
  const notices = createNotices();
  return {
    report(event) {
      const notice = notices.next(event);
      if (notice !== undefined) console.error(notice);
      const end = waits.next(event);
      if (end !== undefined) console.error(`the server limits the rate; all calls wait until ${end}`);
    },
    stop: () => clearInterval(timer),
  };
}

/** The notices that a user gets once. */
function createNotices(): { next(event: RememEvent): string | undefined } {
  let told = false;
  return {
    next(event) {
      if (event.type !== "larger-than-limit" || told) return undefined;
      told = true;
      const { tokens, tpm } = event;
      return `remem: a request of about ${number(tokens)} tokens is larger than --tpm ${tpm}; such requests are sent alone`;
    },
  };
}

/** The pauses of all calls. Pauses in quick succession are one. */
interface Waits {
  /** When a new wait ends, as a person's clock shows it. */
  next(event: RememEvent): string | undefined;
  /** When the present wait ends. */
  end(): string | undefined;
}

function createWaits(): Waits {
  let end = 0;
  return {
    next(event) {
      if (event.type !== "rate-limited" || Date.now() + event.waitMs < end + 500) return undefined;
      end = Date.now() + event.waitMs;
      return clock(end);
    },
    end: () => (Date.now() < end ? clock(end) : undefined),
  };
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}
