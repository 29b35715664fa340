import { expect, test } from "vitest";
import { curlOf, inferOf, testOf } from "../src/page/entry/snippets.ts";
import type { EntryView } from "../src/wire.ts";

const request = { model: "llama", messages: [{ role: "user", content: "Hi" }] };

/** An entry with this scope; the rest of it is in no snippet. */
function entryOf(scope: string | undefined): EntryView {
  const choices = [{ role: "assistant", pieces: [{ kind: "text", text: "Hello" }], calls: [] }];
  return { surface: "chat", scope, choices, request: { value: request, isCut: false } } as unknown as EntryView;
}

test.each([
  ["OpenAI itself", undefined, '{ model: "llama" }'],
  ["a server at an address", "http://localhost:8000/v1", '{ model: "llama", baseURL: "http://localhost:8000/v1" }'],
  ["a scope with a name", 'team "a"', '{ model: "llama", scope: "team \\"a\\"" }'],
])("a call and a test are of the same key as the entry: %s", (_, scope, options) => {
  expect(inferOf(entryOf(scope))).toContain(`createRemem(${options})`);
  expect(testOf(entryOf(scope))).toContain(`createRemem(${options.replace(" }", ', cache: "only-if-cached" }')})`);
});

test("a curl command asks the server that the entry is of", () => {
  expect(curlOf(entryOf(undefined))).toContain("curl 'https://api.openai.com/v1/chat/completions'");
  expect(curlOf(entryOf("http://localhost:8000/v1/"))).toContain("curl 'http://localhost:8000/v1/chat/completions'");
});
