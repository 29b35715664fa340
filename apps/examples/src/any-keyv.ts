// Stores answers in any of Keyv's many backends: give this Keyv another `store`, such as a KeyvPostgres or a KeyvMongo.
import { keyvStore } from "@remem/keyv";
import { Keyv } from "keyv";
import { createRemem } from "remem";

const keyv = new Keyv({ store: new Map(), namespace: "answers" });
await using client = createRemem({ store: keyvStore(keyv) });

for (const call of ["first", "second"]) {
  const { response, source } = await client.infer("Name an island.");
  console.log(`${call} call, from the ${source}: ${response}`);
}
