// Arguments: a lock directory and a key. Waits for the lock of another process, with nothing else to do.
import { fileFlights } from "@remem/sqlite/flights";

const [directory, key] = process.argv.slice(2);
const flights = fileFlights(directory);
if ((await flights.enter(key)) !== undefined) throw new Error("No process leads.");
process.send("waits", () => process.disconnect());
await flights.changed(key, { signal: new AbortController().signal });
console.log("changed");
