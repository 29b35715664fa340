// Reads or writes one key of the store at a URL, reports the outcome, closes the store, and ends by itself.
import { keyvStoreFromUrl } from "@remem/keyv";

const [url, key, operation] = process.argv.slice(2);
const store = keyvStoreFromUrl(url);
try {
  if (operation === "set") await store.set(key, "value");
  process.send(operation === "set" ? "set" : await store.get(key));
} catch ({ code }) {
  process.send(code);
}
await store.close();
process.disconnect();
