// Arguments: a file that can only be read, a file of its own, whether the first is opened with `readOnly`, optionally the
// latency of the provider and the user to become. Asks over a tier of both, and reports the sources of its answers and some of its statistics.

import { fakeProvider } from "@remem/testing";
import { createRemem, sqliteStore, tieredStore } from "remem";

const [far, near, readOnly, latencyMs = "0", uid] = process.argv.slice(2);
if (uid !== undefined) process.setuid(Number(uid));
const provider = fakeProvider(async ({ messages }) => {
  await new Promise((resolve) => setTimeout(resolve, Number(latencyMs)));
  return `re: ${JSON.stringify(messages.at(-1)?.content)}`;
});
const store = tieredStore(sqliteStore({ path: near }), sqliteStore({ path: far, readOnly: readOnly === "true" }));
const client = createRemem({ provider, store });
const sources = [];
for (const question of ["a", "b", "c", "d", "a", "d"]) sources.push((await client.infer(question)).source);
const { stored, storeErrors, notStored } = client.stats();
process.send({ sources, stats: { stored, storeErrors, notStored } });
await client.close();
process.disconnect();
