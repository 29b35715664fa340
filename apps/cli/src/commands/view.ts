import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { defaultJournalFile, fetchSurfaces } from "remem";
import { chosenFile } from "../config/resolve-flags.ts";
import type { CacheFlags } from "../flags/inspect-options.ts";
import { withCache } from "../inspection/open-cache.ts";
import { createCostOf } from "../journal/rates.ts";
import { loadPrices } from "../spending/prices.ts";
import { askedKeys } from "../view/asked-keys.ts";
import { loadView } from "../view/load-view.ts";
import { openBrowser } from "../view/open-browser.ts";
import { onInterrupt } from "./interrupt.ts";

export interface ViewFlags extends CacheFlags {
  readonly port: number;
  readonly journal?: string;
  readonly readOnly?: boolean;
  /** False for `--no-open`. */
  readonly open: boolean;
}

const TOKEN_BYTES = 24;

/** Serves the page that shows a cache, until it is stopped. */
export async function view(flags: ViewFlags, command: Command): Promise<number> {
  const { port, readOnly = false, journal, defaultJournal, prices, open } = flags;
  const { createView } = await loadView();
  const look = async ({ store, place }: Parameters<Parameters<typeof withCache>[1]>[0]): Promise<number> => {
    const config = chosenFile(command);
    const page = createView({
      store,
      place,
      token: randomBytes(TOKEN_BYTES).toString("base64url"),
      journal: journal ?? (process.env.REMEM_JOURNAL || (defaultJournal ?? defaultJournalFile())),
      surfaces: fetchSurfaces,
      mayDelete: !readOnly,
      priceOf: createCostOf(await loadPrices(undefined, prices)),
      keysOf: (text) => askedKeys(text, config),
    });
    const url = await page.listen({ port });
    const stopped = new Promise<void>((stop) => {
      onInterrupt(stop);
    });
    console.error(`remem: ${place} in a browser of this machine, until Ctrl-C:`);
    console.log(url);
    if (open && process.stdout.isTTY) openBrowser(url);
    await stopped;
    await page.close();
    return 0;
  };
  return withCache(flags, look, { changes: !readOnly });
}
