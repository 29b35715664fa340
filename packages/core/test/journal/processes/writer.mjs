// When told to begin, records calls as fast as it can, and ends without closing its journal. Each has a key of its own.
import { once } from "node:events";
import { fileJournal } from "@remem/core/journal";

const [file, name, count, maxBytes] = process.argv.slice(2);
const journal = fileJournal({ file, maxBytes: Number(maxBytes) });
process.send("ready");
await once(process, "message");
for (let index = 0; index < Number(count); index++) {
  const key = `${name}-${index}`.padEnd(64, ".");
  journal.record({
    at: Date.now(),
    key,
    surface: "chat",
    model: "gpt-4o-mini",
    mode: "default",
    source: "store",
    tokens: { prompt: index, completion: 1 },
    durationMs: 0.5,
    notStored: undefined,
    error: undefined,
  });
  // Others get a turn, as between calls.
  if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
}
process.disconnect();
