import { completionsServer } from "@remem/testing";
import { onTestFinished } from "vitest";
import { testClients } from "./clients.ts";
import { agentsByChat, responsesClients } from "./responses-clients.ts";

testClients(responsesClients);

testClients({ "@openai/agents by Chat Completions": agentsByChat }, async () => {
  const server = await completionsServer();
  onTestFinished(() => server.close());
  return {
    origin: new URL(server.baseURL).origin,
    get calls() {
      return server.calls;
    },
  };
});
