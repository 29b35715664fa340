import { completionsServer } from "@remem/testing";
import { createRemem } from "remem";

const server = await completionsServer();
const client = createRemem({ model: "gpt-4o-mini", apiKey: "any", baseURL: server.baseURL });
const question = [{ role: "user", content: "What is the capital of France?" }];
const first = await client.infer(question, { temperature: 0 });
const second = await client.infer(question, { temperature: 0 });
console.log(server.calls, second.response === first.response, second.cacheHit, second.source);
await client.close();
await server.close();
