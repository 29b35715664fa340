import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { canStartRedis, startRedis } from "../../../packages/testing/test/redis-server.ts";
import { describeMachine } from "./report/machine.ts";
import { textOfTable } from "./report/print.ts";
import type { Table } from "./report/table.ts";
import { SCENARIOS } from "./scenarios.ts";

const USAGE = `npm run bench -- [options]

What a hit costs, beside the shortest correct code and beside other caches. It measures; nothing fails.

  --quick         under a minute: fewer rounds, smaller sizes, no figures to quote
  --only <names>  these scenarios alone, with commas between
  --out <file>    write the results there as JSON, too
  --help          this text

Scenarios:
${SCENARIOS.map(({ id, about }) => `  ${id.padEnd(14)}  ${about}`).join("\n")}
`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    out: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else await main();

async function main(): Promise<void> {
  const names = values.only?.split(",") ?? SCENARIOS.map(({ id }) => id);
  const unknown = names.find((name) => !SCENARIOS.some(({ id }) => id === name));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}. See --help.`);

  const root = mkdtempSync(join(tmpdir(), "remem-bench-"));
  // Whoever has seen enough does not want files of a million entries left.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      rmSync(root, { recursive: true, force: true });
      process.exit(1);
    });
  }
  const redis = canStartRedis ? await startRedis() : undefined;
  const tables: Table[] = [];
  const machine = describeMachine();
  console.log(`${machine.join(", ")}${values.quick ? "; a quick look" : ""}\n`);
  if (redis === undefined) console.log("No redis-server is in PATH: nothing is measured with Redis.\n");
  try {
    for (const { run } of SCENARIOS.filter(({ id }) => names.includes(id))) {
      for await (const table of run({
        quick: values.quick,
        directory: () => mkdtempSync(join(root, "run-")),
        redisUrl: redis?.url,
        progress,
      })) {
        progress("");
        console.log(`${textOfTable(table)}\n`);
        tables.push(table);
      }
    }
  } finally {
    progress("");
    await redis?.stop();
    rmSync(root, { recursive: true, force: true });
  }
  if (values.out !== undefined)
    writeFileSync(values.out, `${JSON.stringify({ machine, date: today(), tables }, undefined, 2)}\n`);
}

/** One line that is written over, where somebody looks on. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
