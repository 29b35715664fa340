import { describe, expect, test } from "vitest";
import { isFirstQwen3, thinkingOf } from "../src/thinking-models.ts";

describe("the name tells whether a model thinks, on any server and in any case:", () => {
  test.each([
    ["Qwen/Qwen3-8B", "optional"],
    ["Qwen/Qwen3-0.6B", "optional"],
    ["Qwen/Qwen3-235B-A22B-FP8", "optional"],
    ["RedHatAI/Qwen3-32B-FP8-dynamic", "optional"],
    ["/models/Qwen3-14B-AWQ", "optional"],
    ["qwen3-8b", "optional"],
    ["qwen3:8b", "optional"],
    ["qwen3", "optional"],
    ["QWEN3:LATEST", "optional"],
    ["Qwen/Qwen3.5-397B-A17B", "optional"],
    ["qwen3.6-plus", "optional"],
    ["qwen3.5:9b", "optional"],
    ["qwen3-max", "optional"],
    ["qwen3-vl-plus", "optional"],
    ["qwen-plus", "optional"],
    ["qwen-plus-latest", "optional"],
    ["qwen-flash-2025-07-28", "optional"],
    ["Qwen/Qwen3-30B-A3B-Instruct-2507", "never"],
    ["qwen3:4b-instruct-2507-q4_K_M", "never"],
    ["Qwen/Qwen3-Next-80B-A3B-Instruct", "never"],
    ["Qwen/Qwen3-Coder-480B-A35B-Instruct", "never"],
    ["qwen3-coder-plus", "never"],
    ["qwen3-coder:30b", "never"],
    ["Qwen/Qwen3-4B-Thinking-2507", "always"],
    ["qwen3-235b-a22b-thinking-2507", "always"],
    ["Qwen/Qwen3-VL-8B-Thinking", "always"],
    ["Qwen/QwQ-32B", "always"],
    ["qwq-plus", "always"],
    ["qvq-max", "always"],
    ["Qwen/Qwen2.5-7B-Instruct", "unknown"],
    ["qwen-max", "unknown"],
    ["Qwen/Qwen3Guard-Gen-8B", "unknown"],
    ["deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "unknown"],
    ["acme/tuned-on-qwen3-8b", "unknown"],
    ["gpt-4o-mini", "unknown"],
    ["qwen30", "unknown"],
  ])("%s: %s", (model, thinking) => {
    expect(thinkingOf(model)).toBe(thinking);
  });
});

test("the original Qwen3 models are named only by size", () => {
  for (const model of ["Qwen/Qwen3-8B", "qwen3-0.6b", "qwen3:30b-a3b", "qwen3", "qwen3:latest"]) {
    expect(isFirstQwen3(model), model).toBe(true);
  }
  for (const model of ["qwen3-max", "Qwen/Qwen3-VL-8B", "qwen3.5:9b", "qwen-plus", "gpt-4o-mini"]) {
    expect(isFirstQwen3(model), model).toBe(false);
  }
});
