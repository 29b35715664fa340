// Opens a store at each URL, by @remem/keyv itself if the argument begins with `keyv `. Prints a JSON array of what each says.
import { storeFromUrl } from "remem";

const said = [];
for (const argument of process.argv.slice(2)) {
  const open = argument.startsWith("keyv ") ? (await import("@remem/keyv")).keyvStoreFromUrl : storeFromUrl;
  try {
    await open(argument.replace(/^keyv /, "")).close();
    said.push("there");
  } catch ({ code, message }) {
    said.push(`${code} ${message}`);
  }
}
console.log(JSON.stringify(said));
