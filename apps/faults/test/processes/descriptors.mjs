// Arguments: the file, and when to use up all descriptors. Asks while there are none, and again once there are some.
import { closeSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createRemem } from "remem";

const [path, when] = process.argv.slice(2);
const provider = {
  specVersion: 1,
  id: "echo",
  async generate({ model, messages }) {
    const message = { role: "assistant", content: `re: ${messages[0].content}` };
    return { id: "1", model, created: 0, choices: [{ index: 0, finish_reason: "stop", message }] };
  },
};
let warnings = 0;
process.on("warning", ({ code }) => {
  if (code === "REMEM_STORE_FAILING") warnings += 1;
});
const client = createRemem({ provider, store: `sqlite:${path}` });
let wrong = 0;
async function ask(question) {
  const { response, source } = await client.infer([{ role: "user", content: question }]);
  if (response !== `re: ${question}`) wrong += 1;
  return source;
}

if (when.startsWith("while")) await ask("first");
const hoard = useUp();
for (let index = 0; index < 20; index++) await ask(`question ${index}`);
for (const descriptor of hoard) closeSync(descriptor);
let cachesAgain = false;
for (let index = 0; index < 500 && !cachesAgain; index++) {
  await ask(`again ${index}`);
  cachesAgain = (await ask(`again ${index}`)) === "store";
  if (!cachesAgain) await pause(20);
}
await client.close();
await pause(0); // A warning is emitted one turn later.
console.log(JSON.stringify({ wrong, cachesAgain, warnings }));

function useUp() {
  const descriptors = [];
  try {
    while (true) descriptors.push(openSync("/dev/null"));
  } catch {
    return descriptors;
  }
}
