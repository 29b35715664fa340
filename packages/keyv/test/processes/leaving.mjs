// Closes the store at a URL while it is being opened, and ends by itself.
import { keyvStoreFromUrl } from "@remem/keyv";

const store = keyvStoreFromUrl(process.argv[2]);
const reading = store.get("k").catch(({ code }) => process.send(code));
await store.close();
await reading;
process.disconnect();
