// Arguments: the URL of a store, the base URL of a server, and a model. On the message "infer" or "stream" it says "asking", asks, and reports
// the answer, where it came from, and the text of its chunks.
import { createRemem } from "remem";

const [store, baseURL, model] = process.argv.slice(2);
const client = createRemem({ store, baseURL, apiKey: "sk-test", model });

async function ask(way) {
  if (way === "infer") return client.infer("Hi");
  const stream = client.stream("Hi");
  let text = "";
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? "";
    if (text !== "") process.send({ text });
  }
  return { ...(await stream.result()), text };
}

process.once("message", async (way) => {
  const asking = ask(way);
  process.send("asking");
  const { completion, source, text } = await asking;
  await client.close();
  process.send({ completion, source, ...(text !== undefined && { text }) }, () => process.disconnect());
});
process.send("ready");
