// Defines a provider: an object with `generate`, here with `fetch` alone. See docs/publish-a-plugin.md.
import { type ChatCompletion, createRemem, type LLMProvider, ProviderError } from "remem";

const { OPENAI_BASE_URL: address = "http://localhost:11434/v1", OPENAI_API_KEY: key = "none" } = process.env;
const plain: LLMProvider = {
  specVersion: 1,
  id: "plain",
  scope: address,
  async generate(request, { signal }) {
    const response = await fetch(`${address}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify(request),
      signal,
    });
    const { ok, status } = response;
    if (!ok) throw new ProviderError(`It answered ${status}.`, { provider: "plain", status, retryable: status >= 500 });
    return (await response.json()) as ChatCompletion;
  },
};

await using client = createRemem({ provider: plain });
const { response, source } = await client.infer("Name a mountain.");
console.log(`from the ${source}: ${response}`);
