// When told to begin, asks `count` questions of its own, through a provider that counts its calls. Says when all answers are stored, and
// asks them again when told to.
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
const stored = Promise.withResolvers();
let answers = 0;
function onEvent({ type }) {
  if (type === "stored" && ++answers === Number(count)) stored.resolve();
}
const client = createClient({ provider, store: sqliteStore({ path }), params: { model: "m" }, onEvent });
let wrong = 0;
for (let round = 0; round < 2; round++) {
  process.send(round === 0 ? "ready" : "stored");
  await once(process, "message");
  for (let index = 0; index < Number(count); index++) {
    const content = `${name} ${index}`;
    const { response, cacheHit } = await client.infer([{ role: "user", content }]);
    if (response !== `re: ${content}` || cacheHit !== (round === 1)) wrong += 1;
  }
  await stored.promise;
}
await client.close();
process.send({ calls, wrong, storeErrors: client.stats().storeErrors });
process.disconnect();
