// Creates a client in the working directory. Prints which libraries were loaded for that.
import { createRequire } from "node:module";
import { createRemem } from "remem";

await createRemem({ store: "memory:" }).close();
const loaded = Object.keys(createRequire(import.meta.url).cache);
console.log(
  ["valibot", "yaml"].filter((name) => loaded.some((path) => path.includes(`/node_modules/${name}/`))).join(),
);
