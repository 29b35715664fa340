// When told to begin, asks `count` questions of its own twice, through a provider that counts its calls.
import { once } from "node:events";
import { createClient, sqliteStore } from "remem";

const [path, name, count] = process.argv.slice(2);
let calls = 0;
const provider = {
  specVersion: 1,
  id: "counting",
  async generate({ model, messages }) {
    calls += 1;
    const message = { role: "assistant", content: `re: ${messages[0].content}` };
    return { id: "1", model, created: 0, choices: [{ index: 0, finish_reason: "stop", message }] };
  },
};
const client = createClient({ provider, store: sqliteStore({ path }), params: { model: "m" } });
process.send("ready");
await once(process, "message");
let wrong = 0;
for (let round = 0; round < 2; round++) {
  for (let index = 0; index < Number(count); index++) {
    const content = `${name} ${index}`;
    const { response, cacheHit } = await client.infer([{ role: "user", content }]);
    if (response !== `re: ${content}` || cacheHit !== (round === 1)) wrong += 1;
  }
}
await client.close();
process.send({ calls, wrong, storeErrors: client.stats().storeErrors });
process.disconnect();
