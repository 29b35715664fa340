// Argument: a lock directory. Reports the files and timers after creating flights and with a lease; then it ends.
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
// The lease is not released, which must not keep the process alive.
process.disconnect();
