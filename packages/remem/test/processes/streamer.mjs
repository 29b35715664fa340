// Arguments: the URL of a store, the base URL of a server, and a model. Each message names a way, "infer", "stream", "fetch" or "fetch
// stream", and an id: it reports the id as `asked`, asks, and reports the id with the answer and where it came from, or with the body
// and the header `Cache-Status` of the response, and for "stream" the text of the chunks. It ends with the message "end".
import { cachedFetch, createRemem, storeFromUrl } from "remem";

const [url, baseURL, model] = process.argv.slice(2);
const store = storeFromUrl(url);
const client = createRemem({ store, baseURL, apiKey: "sk-test", model });
const fetch = cachedFetch({ store });

async function ask(way) {
  if (way === "infer") return client.infer("Hi");
  if (way !== "stream") return askByFetch(way === "fetch stream");
  const stream = client.stream("Hi");
  let text = "";
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? "";
    if (text !== "") process.send({ text });
  }
  return { ...(await stream.result()), text };
}
async function askByFetch(isStream) {
  const options = isStream ? { stream: true, stream_options: { include_usage: true } } : {};
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], ...options });
  const response = await fetch(`${baseURL}/chat/completions`, { method: "POST", body });
  return { body: await response.text(), cache: response.headers.get("cache-status") };
}

process.on("message", async (message) => {
  if (message === "end") {
    await Promise.all([client.close(), fetch.close()]);
    process.disconnect();
    return;
  }
  const { way, id } = message;
  const asking = ask(way);
  process.send({ asked: id });
  const { completion, source, text, body, cache } = await asking;
  process.send({ id, completion, source, text, body, cache });
});
process.send("ready");
