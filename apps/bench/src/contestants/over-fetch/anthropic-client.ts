import Anthropic from "@anthropic-ai/sdk";
import { apart } from "../../workload.ts";
import type { OpenClient } from "./over-fetch.ts";

export const anthropic: OpenClient = (baseURL, fetch) => {
  const client = new Anthropic({ apiKey: "none", baseURL: baseURL.replace(/\/v1$/, ""), fetch });
  return {
    async ask({ messages }) {
      const { system, rest } = apart(messages);
      const { content } = await client.messages.create({
        model: "claude-sonnet-5-5",
        max_tokens: 4_096,
        system,
        messages: rest as Anthropic.MessageParam[],
      });
      return content.map((block) => (block.type === "text" ? block.text : "")).join("");
    },
  };
};
