import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { memoryStore } from "@remem/core";
import { Ollama } from "ollama";
import OpenAI from "openai";
import OpenAI6 from "openai-6";
import { expectTypeOf, test } from "vitest";
import { cachedFetch } from "../src/index.ts";

test("a cached fetch is what clients take, without a cast", () => {
  const fetch = cachedFetch({ store: memoryStore() });
  expectTypeOf(fetch).toExtend<typeof globalThis.fetch>();
  new OpenAI({ fetch, apiKey: "k" });
  new OpenAI6({ fetch, apiKey: "k" });
  new Anthropic({ fetch, apiKey: "k" });
  new Ollama({ fetch });
  createOpenAI({ fetch });
  createAnthropic({ fetch });
});
