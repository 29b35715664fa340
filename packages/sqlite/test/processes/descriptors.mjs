// Argument: the file. Uses up all descriptors, and reports the outcomes of operations meanwhile and afterwards.
import { closeSync, openSync } from "node:fs";
import { sqliteStore } from "@remem/sqlite";

const path = process.argv[2];
const open = sqliteStore({ path });
const unused = sqliteStore({ path });
const outcome = (promise) =>
  promise.then(
    (value) => value ?? "done",
    (error) => error.code,
  );
const use = async () => [
  await outcome(unused.get("k")),
  await outcome(unused.set("l", "v")),
  await outcome(open.get("k")),
];

await open.set("k", "v");
// Files that the driver and the first write load stay open from here on.
const taken = [];
try {
  for (;;) taken.push(openSync("/dev/null"));
} catch (error) {
  if (error.code !== "EMFILE") throw error;
}
const meanwhile = await use();
for (const descriptor of taken) closeSync(descriptor);
process.send({ meanwhile, afterwards: await use() });
process.disconnect();
