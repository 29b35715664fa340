import { expect, test } from "vitest";
import { curlOf, inferOf, testOf } from "../src/page/entry/snippets.ts";
import { storeUrlOf } from "../src/page/entry/store-url.ts";
import type { EntryView } from "../src/wire.ts";

const request = { model: "llama", messages: [{ role: "user", content: "Hi" }] };

/** An entry with this scope; the rest of it is in no snippet. */
function entryOf(scope: string | undefined, sample: number = 0): EntryView {
  const choices = [{ role: "assistant", pieces: [{ kind: "text", text: "Hello" }], calls: [] }];
  return { surface: "chat", scope, sample, choices, request: { value: request, isCut: false } } as unknown as EntryView;
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

test("a curl command of another sample asks for it", () => {
  expect(curlOf(entryOf(undefined, 2))).toContain('-H "x-remem-sample: 2"');
  expect(curlOf(entryOf(undefined))).not.toContain("x-remem-sample");
});

test("a call and a test name the store, or where it is to be named", () => {
  const [call, code] = [inferOf, testOf].map((make) => make(entryOf(undefined), "sqlite:./rich.sqlite"));
  expect(call).toContain('createRemem({ model: "llama", store: "sqlite:./rich.sqlite" })');
  expect(code).toContain('createRemem({ model: "llama", store: "sqlite:./rich.sqlite", cache: "only-if-cached" })');
  expect(call! + code!).not.toContain("REMEM_STORE");
  expect(inferOf(entryOf(undefined))).toMatch(/^\/\/ REMEM_STORE .*\nconst client/m);
  expect(testOf(entryOf(undefined))).toMatch(/^ {2}\/\/ REMEM_STORE .*\n {2}await using client/m);
});

test.each([
  ["./rich.sqlite", "sqlite:./rich.sqlite"],
  ["llm_cache/gpt-4o.sqlite", "sqlite:llm_cache/gpt-4o.sqlite"],
  ["/home/me@lab/cache", "sqlite:/home/me@lab/cache"],
  ["C:\\caches\\a.db", "sqlite:C:\\caches\\a.db"],
  ["sqlite:./llm_cache", "sqlite:./llm_cache"],
  ["redis://cache.internal:6379/2", "redis://cache.internal:6379/2"],
  ["redis://me:secret@cache.internal", undefined],
  ["postgres://cache.internal/db?password=secret", undefined],
  ["sqlite://me:secret@lab/a.sqlite", undefined],
  ["redis", undefined],
  ["the cache of the lab", undefined],
  [undefined, undefined],
])("the URL of the store at %s is %s", (place, url) => {
  expect(storeUrlOf(place)).toBe(url);
});
