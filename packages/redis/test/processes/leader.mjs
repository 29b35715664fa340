// Arguments: a store, a key and timings. Sends "waits" while another process leads, "leads" once it leads itself, and "lost"
// if it loses the lease. On the message "release" it releases the lease; any other message it stores as its answer and
// replies "kept".
import { open } from "./open.mjs";

const [options, key, timings] = process.argv.slice(2);
const store = await open(options, timings);
const { signal } = new AbortController();

async function lead() {
  while (true) {
    const lease = await store.flights.enter(key);
    if (lease !== undefined) return lease;
    process.send("waits");
    await store.flights.changed(key, { signal });
  }
}

const lease = await lead();
lease.lost.addEventListener("abort", () => process.send("lost"));
process.on("message", async (message) => {
  if (message !== "release") {
    await store.set(key, message);
    process.send("kept");
    return;
  }
  await lease[Symbol.asyncDispose]();
  process.send("released", () => process.exit());
});
process.send("leads");
