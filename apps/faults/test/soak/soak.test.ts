import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { sharedStores } from "../stores.ts";

const soak = fileURLToPath(new URL("soak.ts", import.meta.url));

/** Over Redis each killed leader may cost a lease of 15 s. */
const kills: Readonly<Record<string, number>> = { SQLite: 40, Redis: 10 };

test.for(sharedStores)(
  "processes are killed and stopped at random, over $name: no unexplained call, no wrong or lost answer, and no long wait",
  { timeout: 180_000 },
  async ({ name }, { annotate }) => {
    const args = [soak, "--store", name.toLowerCase(), "--kills", `${kills[name]}`];
    const { NODE_OPTIONS: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch((error) => error);
    await annotate(stdout);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [], unexcusedCalls: 0, wrong: 0, lost: 0, integrity: "ok" });
  },
);
