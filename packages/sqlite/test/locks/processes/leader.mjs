// Arguments: a lock directory, a key, optionally timings. Reports "waits" while another process leads, "leads" once it
// does, and "lost" when it loses the lease. Releases the lease on "release".
import { fileFlights } from "@remem/sqlite/flights";
import { flightsIn } from "../../../src/locks/file-flights.ts";
import { lockFiles } from "../../../src/locks/lock-files.ts";

const [directory, key, timings] = process.argv.slice(2);
const flights =
  timings === undefined ? fileFlights(directory) : flightsIn(directory, lockFiles(directory), JSON.parse(timings));
const { signal } = new AbortController();

async function lead() {
  while (true) {
    const lease = await flights.enter(key);
    if (lease !== undefined) return lease;
    process.send("waits");
    await flights.changed(key, { signal });
  }
}

const lease = await lead();
lease.lost.addEventListener("abort", () => process.send("lost"));
process.once("message", async () => {
  await lease[Symbol.asyncDispose]();
  process.send("released");
  process.disconnect();
});
process.send("leads");
