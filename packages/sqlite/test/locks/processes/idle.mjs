// Argument: a lock directory. Says what making flights has left there and running, and what a lease has; then it ends.
import { existsSync } from "node:fs";
import { fileFlights } from "@remem/sqlite/flights";

const directory = process.argv[2];
const state = () => ({
  isThere: existsSync(directory),
  timers: process.getActiveResourcesInfo().filter((resource) => /Timeout|Immediate/.test(resource)).length,
});

const flights = fileFlights(directory);
const made = state();
await flights.enter("k");
process.send({ made, leading: state() });
// The lead is not given up: that must not keep the process.
process.disconnect();
