// Arguments: a store and a key that another process leads. Waits for its lease to end and does nothing else.
import { open } from "./open.mjs";

const [options, key] = process.argv.slice(2);
const store = await open(options);
if ((await store.flights.enter(key)) !== undefined) throw new Error("Nobody leads.");
process.send("waits", () => process.disconnect());
console.log(await store.flights.changed(key, { signal: new AbortController().signal }));
