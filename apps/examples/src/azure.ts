// Asks a deployment of Azure OpenAI, configured by AZURE_OPENAI_ENDPOINT, OPENAI_API_VERSION and AZURE_OPENAI_API_KEY.
import { type AzureChatCompletion, azureProvider } from "@remem/azure";
import { createRemem } from "remem";

await using client = createRemem({
  provider: azureProvider(),
  model: process.env.AZURE_OPENAI_DEPLOYMENT ?? "gpt-4o-mini", // Azure's dated API addresses a model by its deployment.
});

const { response, completion, source } = await client.infer("Name a volcano.");
const [choice] = (completion as AzureChatCompletion).choices;
console.log(`from the ${source}: ${response}`);
console.log(`violence, by Azure's content filter: ${choice?.content_filter_results?.violence?.severity}`);
