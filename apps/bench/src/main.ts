import { writeFileSync } from "node:fs";
import { openBench } from "./bench.ts";
import { type CommandLine, readCommandLine, USAGE } from "./command-line.ts";
import { describeMachine } from "./report/machine.ts";
import { describePeers } from "./report/peers.ts";
import { textOfTable } from "./report/print.ts";
import type { Results } from "./report/results.ts";
import type { Table } from "./report/table.ts";

// A user who interrupts the bench wants no processes and no files of a million entries left; the event `exit` removes them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const commandLine = commandLineOrExit();
if (commandLine.help) process.stdout.write(USAGE);
else await measure(commandLine);

function commandLineOrExit(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message} See npm run bench -- --help.`);
    process.exit(2);
  }
}

async function measure({ effort, scenarios, out }: CommandLine): Promise<void> {
  const about = { machine: describeMachine(), date: new Date().toISOString().slice(0, 10), peers: describePeers() };
  console.log(`${about.machine.join(", ")}${effort === "quick" ? "; a quick look" : ""}`);
  console.log(`${about.peers.join(", ")}\n`);
  const tables: Table[] = [];
  const bench = await openBench(effort, progress);
  try {
    if (bench.redis === undefined)
      console.log("Neither redis-server nor valkey-server is in PATH, so Redis is not measured.\n");
    for (const { run } of scenarios) {
      for await (const table of run(bench)) {
        progress("");
        console.log(`${textOfTable(table)}\n`);
        tables.push(table);
      }
    }
  } finally {
    progress("");
    await bench.end();
  }
  const results: Results = { ...about, tables };
  if (out !== undefined) writeFileSync(out, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** Shows one line that is overwritten, on a terminal only. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}
