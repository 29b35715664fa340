import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

interface Recipe {
  readonly title: string;
  /** What is installed besides remem. */
  readonly packages: string;
  /** The variables that the client reads. */
  readonly variables: string;
  /** What hands the cache to the client, as the program has it. */
  readonly line: string;
  /** What its users have to know besides. */
  readonly note?: string;
}

/** The clients, each by the name of its file in `src/clients`, in the order of the list. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  openai: { title: "openai", packages: "openai", variables: "OPENAI_API_KEY", line: "new OpenAI({ fetch })" },
  "azure-openai": {
    title: "openai, for Azure",
    packages: "openai",
    variables: "AZURE_OPENAI_ENDPOINT AZURE_OPENAI_API_KEY OPENAI_API_VERSION",
    line: "new AzureOpenAI({ fetch })",
  },
  "ai-sdk": {
    title: "AI SDK",
    packages: "ai @ai-sdk/openai",
    variables: "OPENAI_API_KEY",
    line: "createOpenAI({ fetch })",
    note: `\`openai("gpt-5-mini")\` uses the Responses API. A server that is only compatible with OpenAI may lack it and answer 404. Then use
\`openai.chat("…")\`, which uses Chat Completions.

OpenAI keeps each response, unless the request has \`store: false\`. To send that, pass
\`providerOptions: { openai: { store: false } }\`. A response that OpenAI keeps is a hit for 29 days at most, and only for the same
account: see [what is cached](../../packages/fetch#what-is-cached).`,
  },
  "langchain-openai": {
    title: "LangChain, for OpenAI",
    packages: "@langchain/openai @langchain/core",
    variables: "OPENAI_API_KEY",
    line: "configuration: { fetch }",
  },
  "langchain-anthropic": {
    title: "LangChain, for Anthropic",
    packages: "@langchain/anthropic @langchain/core",
    variables: "ANTHROPIC_API_KEY",
    line: "clientOptions: { fetch }",
  },
  "langchain-google-genai": {
    title: "LangChain, for Gemini",
    packages: "@langchain/google-genai @langchain/core",
    variables: "GOOGLE_API_KEY",
    line: "globalThis.fetch = fetch",
  },
  "langchain-ollama": {
    title: "LangChain, for Ollama",
    packages: "@langchain/ollama @langchain/core",
    variables: "",
    line: 'new ChatOllama({ model: "qwen3:8b", fetch })',
  },
  anthropic: {
    title: "Anthropic's SDK",
    packages: "@anthropic-ai/sdk",
    variables: "ANTHROPIC_API_KEY",
    line: "new Anthropic({ fetch })",
  },
  "google-genai": {
    title: "Google's SDK, for Gemini",
    packages: "@google/genai",
    variables: "GOOGLE_API_KEY",
    line: "new GoogleGenAI({ httpOptions: { fetch } })",
  },
  "openai-agents": {
    title: "OpenAI's Agents SDK",
    packages: "@openai/agents openai",
    variables: "OPENAI_API_KEY",
    line: "setDefaultOpenAIClient(new OpenAI({ fetch }))",
  },
  groq: { title: "Groq's SDK", packages: "groq-sdk", variables: "GROQ_API_KEY", line: "new Groq({ fetch })" },
  mistral: {
    title: "Mistral's SDK",
    packages: "@mistralai/mistralai",
    variables: "MISTRAL_API_KEY",
    line: "httpClient: new HTTPClient({ fetcher: fetch })",
  },
  ollama: {
    title: "Ollama's library",
    packages: "ollama",
    variables: "",
    line: 'new Ollama({ fetch, host: process.env.OLLAMA_BASE_URL ?? "http://127.0.0.1:11434" })',
  },
};

const sources = new URL("../../src/", import.meta.url);
const guide = readFileSync(new URL("../../../../packages/fetch/README.md", import.meta.url), "utf8");

/** The programs in a folder of `src`, by the names of their files. */
export function programs(folder: string): string[] {
  return readdirSync(new URL(folder, sources))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => basename(file, ".ts"));
}

/** The pages of `docs/recipes`, each by the name of its file. */
export function recipePages(): Map<string, string> {
  const clients = Object.entries(RECIPES).map(([name, recipe]) => [`${name}.md`, clientPage(name, recipe)] as const);
  return new Map([["README.md", list()], ...clients, ["programs.md", programsPage()]]);
}

export function clientNames(): string[] {
  return Object.keys(RECIPES);
}

function fileOf(client: string): string {
  return client === "openai" ? "cached-fetch.ts" : `clients/${client}.ts`;
}

/** An example without its first line, which says what it shows. */
function read(file: string): { readonly says: string; readonly code: string } {
  const [, says = "", code = ""] = /^\/\/ ([^\n]*)\n(.*)$/s.exec(readFileSync(new URL(file, sources), "utf8"))!;
  return { says, code };
}

function clientPage(name: string, { title, packages, variables, line, note }: Recipe): string {
  const { says, code } = read(fileOf(name));
  if (!code.includes(line)) throw new Error(`The program for ${name} has no line ${line}`);
  const again = row("| client                                                   |", packages);
  return `# ${title}

${says}

\`\`\`sh
npm install remem ${packages}
${variables
  .split(" ")
  .filter(Boolean)
  .map((variable) => `export ${variable}=...\n`)
  .join("")}\`\`\`

Save this as \`program.mts\`, and run it with \`node program.mts\`.

\`\`\`ts
${code}\`\`\`

The second call is a hit, and so are both calls of the next run. The cache stores the answers in
\`llm_cache/remem_cache.sqlite\`, or in the store that [the variable \`REMEM_STORE\`](../guides/stores.md) names.

${note === undefined ? "" : `${note}\n\n`}${again === undefined ? "" : `To replace the stored answer by a new one, define \`headers = { "cache-control": "no-cache" }\`, and call ${again}.\n\n`}- [What is cached](../../packages/fetch#what-is-cached), and [headers that control the cache](../../packages/fetch#a-request-can-say-how-it-is-cached)
- [Why did it miss?](../faq.md#why-did-it-miss)
`;
}

/** The second cell of the row of the guide's table whose first cell names the first of these packages. */
function row(head: string, packages: string): string | undefined {
  const table = guide.slice(guide.indexOf(head)).split("\n\n")[0]!;
  const named = packages.split(" ").find((name) => table.includes(`\`${name}\``)) ?? "AI SDK";
  const line = table
    .split("\n")
    .find((cells) => cells.split("|")[1]!.includes(named === "AI SDK" ? named : `\`${named}\``));
  return line?.split("|")[2]?.trim();
}

function list(): string {
  const rows = Object.entries(RECIPES).map(([name, { title, packages, line }]) => [
    `[${title}](${name}.md)`,
    `\`${packages.split(" ")[0]}\``,
    `\`${line}\``,
  ]);
  return `# Recipes

This page lists, for each client of language models, the line that adds the cache. In that line \`fetch\` is \`cachedFetch()\` of
\`remem\`. Each name links to a complete program, which the tests of this repository run. The programs are ES modules: save one as
\`program.mts\`, and run it with \`node program.mts\`. If your \`package.json\` has \`"type": "module"\` (\`npm pkg set type=module\`),
you can also use the extension \`.ts\`.

${table([["client", "package", "the line"], ...rows])}

The AI SDK's other providers take \`fetch\` in the same way: \`createAnthropic\`, \`createGoogle\`, \`createAzure\` and so on. A program in
[Python](../python.md) or [any other language](../guides/any-language.md) uses the same cache through a local gateway.

## More programs

[Programs](programs.md) has an example of each feature: batches, streams, structured output, stores, providers.
`;
}

/** A table as the formatter of this repository writes it. */
function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const [head, ...body] = rows.map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`,
  );
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}

function programsPage(): string {
  const parts = programs(".")
    .filter((name) => name !== "demo")
    .map((name) => {
      const { says, code } = read(`${name}.ts`);
      return `## ${name.replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase())}

${says.replace("See docs/publish-a-plugin.md.", "See [how to publish one](../publish-a-plugin.md).")}

\`\`\`ts
${code}\`\`\`
`;
    });
  return `# Programs

One complete program for each feature of remem. The tests of this repository run them all. Save one as \`program.mts\`, and run it
with \`node program.mts\`. \`await using\` needs Node 24: [Install](../install.md) shows what to write on Node 22.

${parts.join("\n")}`;
}
