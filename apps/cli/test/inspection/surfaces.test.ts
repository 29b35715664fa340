import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cachedFetch } from "remem";
import { describe, expect, test } from "vitest";
import { type Workspace, workspace } from "../support/remem.ts";

const ANTHROPIC = "https://api.anthropic.com/v1/messages";
const GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent";

const look = { name: "look", description: "Looks around.", input_schema: { type: "object", properties: {} } };
const messages = {
  model: "claude-x",
  max_tokens: 64,
  system: "Answer briefly, in English.",
  messages: [{ role: "user", content: "Name a river in France, please." }],
  tools: [look],
};
const contents = { contents: [{ role: "user", parts: [{ text: "Be kind." }, { text: "Name a lake in Italy." }] }] };

const ANSWERS: ReadonlyArray<readonly [url: string, body: object, answer: object]> = [
  [
    ANTHROPIC,
    messages,
    {
      id: "m",
      type: "message",
      role: "assistant",
      model: "claude-x",
      content: [
        { type: "thinking", thinking: "A long one.", signature: "s" },
        { type: "text", text: "The Loire." },
        { type: "tool_use", id: "t", name: "look", input: { at: "Loire" } },
      ],
      stop_reason: "tool_use",
      usage: { input_tokens: 20, output_tokens: 5 },
    },
  ],
  [
    GEMINI,
    contents,
    {
      candidates: [{ content: { role: "model", parts: [{ text: "Como." }] }, finishReason: "STOP" }],
      usageMetadata: {},
    },
  ],
  [
    "https://api.openai.com/v1/responses",
    { model: "gpt-5-mini", instructions: "Be brief.", input: "Name a hill." },
    {
      id: "r",
      object: "response",
      status: "completed",
      model: "gpt-5-mini",
      output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Montmartre." }] }],
    },
  ],
  [
    "https://api.openai.com/v1/embeddings",
    { model: "emb", input: ["A first text.", "A second text."] },
    { data: [1, 2].map((number, index) => ({ index, embedding: [number, 0.5] })), usage: { prompt_tokens: 8 } },
  ],
];

/** A workspace whose cache has an answer of each kind. */
async function filled(): Promise<Workspace & { request(name: string, text: string): void }> {
  const place = await workspace();
  const { directory } = place;
  let answer: object = {};
  const upstream = async () => Response.json(answer);
  await using fetch = cachedFetch({ store: `sqlite:${directory}/llm_cache/`, config: false, fetch: upstream });
  for (const [url, body, given] of ANSWERS) {
    answer = given;
    await (await fetch(url, { method: "POST", body: JSON.stringify(body) })).text();
  }
  return { ...place, request: (name, text) => writeFileSync(join(directory, name), text) };
}

describe("entries of cachedFetch", () => {
  test("ls shows what was asked and answered, in the words of each kind", async () => {
    const { remem } = await filled();
    const rows = (await remem(["ls", "--json"])).out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const texts = rows.map(({ surface, prompt, response }) => `${surface}: ${prompt} ${response}`).sort();
    expect(texts).toEqual([
      "embeddings: A first text. 2 numbers: 1, 0.5",
      "embeddings: A second text. 2 numbers: 2, 0.5",
      "gemini: Be kind.\nName a lake in Italy. Como.",
      'messages: Name a river in France, please. The Loire.\nlook({"at":"Loire"})',
      "responses: Name a hill. Montmartre.",
    ]);
    expect((await remem(["ls", "--grep", "LOIRE"])).out.split("\n")).toHaveLength(3);
    expect((await remem(["ls", "--grep", "input_schema"])).status).toBe(1);
  });

  test("show shows the conversation, reasoning and calls, and what it was keyed by", async () => {
    const { remem } = await filled();
    const [{ key }] = (await remem(["ls", "--json", "--surface", "messages"])).out
      .split("\n")
      .slice(0, 1)
      .map((line) => JSON.parse(line));
    const { out } = await remem(["show", key]);
    expect(out).toContain("keyed by  max_tokens = 64\n");
    expect(out).toMatch(/\n {10}tools = \[\{"name":"look".*\n {10}scope = "https:\/\/api.anthropic.com\/v1"\n/);
    expect(out).not.toContain("messages =");
    expect(out).toMatch(
      /\n\nsystem\n {2}Answer briefly, in English\.\n\nuser\n {2}Name a river in France, please\.\n\nreasoning\n {2}A long one\.\n\nassistant\n {2}The Loire\.\n {2}→ look\(\{"at":"Loire"\}\)\n$/,
    );
  });

  test("explain takes the request in each form, and says that it is stored", async () => {
    const { remem, request } = await filled();
    const { pathname, host } = new URL(GEMINI);
    request(
      "wire.http",
      `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nx-goog-api-key: k\r\n\r\n${JSON.stringify(contents)}`,
    );
    request(
      "json.json",
      JSON.stringify({ method: "POST", url: ANTHROPIC, headers: { "x-api-key": "k" }, body: messages }, null, 1),
    );
    request(
      "batch.jsonl",
      ANSWERS.map(([url, body], line) => JSON.stringify({ custom_id: `${line}`, url, body })).join("\n"),
    );
    request("path.json", JSON.stringify({ path: "/v1/responses", body: JSON.stringify(ANSWERS[2]![1]) }));
    request(
      "curl.sh",
      `$ curl -s --compressed -X POST '${ANTHROPIC}' -H 'x-api-key: k' -H"anthropic-beta:" --data-raw $'${JSON.stringify(messages).replace("river", "ri\\u0076er")}'\n`,
    );
    for (const args of [["wire.http"], ["json.json"], ["batch.jsonl", "--line", "4"], ["curl.sh"]]) {
      const run = await remem(["explain", ...args]);
      expect([args, run]).toMatchObject([
        args,
        { status: 0, err: "", out: expect.stringMatching(/^(item \d of \d: )?stored: /) },
      ]);
    }
    const path = await remem(["explain", "path.json"], "", { OPENAI_BASE_URL: "" });
    expect(path).toMatchObject({ status: 0, err: "" });
  });

  test("explain names what differs as the wire does, message by message and tool by tool", async () => {
    const { remem, request } = await filled();
    const described = {
      ...look,
      description: "Looks around now.",
      input_schema: { type: "object", properties: { at: {} } },
    };
    const changed = {
      ...messages,
      max_tokens: 65,
      top_k: 1,
      system: "Answer briefly, in French.",
      messages: [{ role: "user", content: "Name a lake in France, please." }],
      tools: [described],
    };
    request("r.json", JSON.stringify({ url: ANTHROPIC, body: changed }));
    const { status, out } = await remem(["explain", "r.json", "--nearest", "1"]);
    expect(status).toBe(1);
    expect(out).toContain("  max_tokens  stored 64, asked 65\n");
    expect(out).toContain("  system\n    …Answer briefly, in [-English-] {+French+}\n");
    expect(out).toContain("  messages[0].content\n    …Name a [-river-] {+lake+}\n");
    expect(out).toContain("  tools[0].description\n    …Looks around {+now+}\n");
    expect(out).toContain("  tools[0].input_schema.properties.at  only asked: {}\n");
    expect(out).toContain("  → leave out top_k to ask for the stored one\n");
    expect(out.match(/→/g)).toHaveLength(1);

    const parts = [{ text: "Be kind." }, { text: "Name a lake in Spain." }];
    request("g.json", JSON.stringify({ url: GEMINI, body: { contents: [{ role: "user", parts }] } }));
    const gemini = await remem(["explain", "g.json", "--nearest", "1"]);
    expect(gemini.out).toContain("  contents[0].parts[1].text\n    …Name a lake in [-Italy-] {+Spain+}\n");

    const [url, body] = ANSWERS[2]!;
    request("o.json", JSON.stringify({ url, body: { ...body, input: "Name a hill now." } }));
    const responses = await remem(["explain", "o.json", "--nearest", "1"]);
    expect(responses.out).toContain("  input\n    …Name a hill {+now+}\n");
  });

  test("explain tells which text of a list is missing, and why a request is never cached", async () => {
    const { remem, request } = await filled();
    const [url, body] = ANSWERS[3]!;
    request(
      "e.json",
      JSON.stringify({ url, body: { ...body, input: ["A second text.", "A third text.", "A fourth."] } }),
    );
    const { out } = await remem(["explain", "e.json", "--nearest", "1"]);
    expect(out).toMatch(/^item 2 of 3: not stored: /);
    expect(out).toMatch(/\n {2}input\n {4}…A \[-(first|second)-\] \{\+third\+\}\n/);
    request("p.json", JSON.stringify({ url: ANSWERS[2]![0], body: { model: "m", input: "x", conversation: "c" } }));
    expect(await remem(["explain", "p.json"])).toMatchObject({
      status: 2,
      err: "remem: This request is not cached: conversation.\n",
    });
    request("c.sh", "curl 'https://x");
    expect((await remem(["explain", "c.sh"])).err).toContain("unclosed quote");
  });
});
