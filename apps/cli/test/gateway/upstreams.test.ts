import { expect, test } from "vitest";
import { upstreamsOf } from "../../src/gateway/upstreams.ts";

test.each([
  ["127.0.0.1:11434", "http://127.0.0.1:11434"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  ["0.0.0.0:5000", "http://127.0.0.1:5000"],
  ["[::]:5000", "http://127.0.0.1:5000"],
  [":5000", "http://127.0.0.1:5000"],
  ["gpu.internal", "http://gpu.internal:11434"],
  ["http://gpu.internal", "http://gpu.internal"],
  ["https://ollama.com/", "https://ollama.com"],
  ["https://host/below/", "https://host/below"],
])("OLLAMA_HOST=%s is the server at %s", (host, baseURL) => {
  expect(upstreamsOf({}, { OLLAMA_HOST: host })).toEqual({ ollama: { baseURL } });
});

test("a variable takes precedence over the file, an empty one and the gateway's own address do not", () => {
  const file = {
    openai: { baseURL: "https://file/v1", apiKey: "k" },
    "my-llm": { baseURL: "https://mine", apiKey: "k" },
  };
  expect(upstreamsOf(file, { OPENAI_BASE_URL: "" }, 8787)).toEqual(file);
  expect(upstreamsOf(file, { OPENAI_BASE_URL: "http://localhost:8787/v1" }, 8787)).toEqual(file);
  expect(upstreamsOf(file, { OPENAI_BASE_URL: "http://localhost:8787/v1" }, 8788)).toEqual({
    ...file,
    openai: { baseURL: "http://localhost:8787/v1" },
  });
  expect(upstreamsOf(file, { OPENAI_BASE_URL: "https://file/v1" })).toEqual(file);
  // The key of the file is for the server of the file.
  expect(upstreamsOf(file, { MY_LLM_BASE_URL: "https://other" })["my-llm"]).toEqual({ baseURL: "https://other" });
  const both = { OPENAI_BASE_URL: "https://a/v1", OPENAI_API_BASE: "https://b/v1" };
  expect(upstreamsOf({}, both)).toEqual({ openai: { baseURL: "https://a/v1" } });
  expect(upstreamsOf({}, { OPENAI_API_BASE: "https://b/v1" })).toEqual({ openai: { baseURL: "https://b/v1" } });
});
