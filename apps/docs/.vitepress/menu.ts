import type { DefaultTheme } from "vitepress";

type Item = DefaultTheme.SidebarItem;

/** An item with the pages beneath it, each `[text, link]`. */
function group(text: string, pages: ReadonlyArray<readonly [text: string, link: string]>, collapsed = false): Item {
  return { text, collapsed, items: pages.map(([text, link]) => ({ text, link })) };
}

const start = group("Start", [
  ["What it is", "/"],
  ["Ten minutes", "/tutorial"],
  ["Install", "/install"],
  ["Questions: why did it miss?", "/faq"],
]);

const guides: Item = {
  text: "Guides",
  items: [
    group("In a program", [
      ["Use your existing client", "/guides/your-client"],
      ["Calls", "/guides/calls"],
      ["Streams", "/guides/streams"],
      ["Structured output", "/guides/structured-output"],
      ["Tools", "/guides/tools"],
      ["Stores and configuration", "/guides/stores"],
      ["A journal of calls", "/guides/journal"],
    ]),
    group("Runs", [
      ["The command line", "/guides/command-line"],
      ["Look at a cache", "/view"],
      ["Evaluation runs", "/guides/evaluation"],
      ["Batch APIs: half the price", "/deferred"],
      ["Freeze a run for a paper", "/guides/paper"],
      ["Continuous integration", "/guides/ci"],
    ]),
    group("Other languages, teams", [
      ["Any language", "/guides/any-language"],
      ["From Python", "/python"],
      ["A gateway for a team", "/gateway-for-a-team"],
    ]),
    group("Migrate from another cache", [
      ["From CacheOpenAI", "/guides/from-cache-openai"],
      ["From LangChain's caches", "/guides/from-langchain"],
      ["From promptfoo's cache", "/guides/from-promptfoo"],
    ]),
    group("Extend", [
      ["Write a store", "/contributing#a-store"],
      ["Write a provider", "/contributing#a-provider"],
      ["Publish a provider or a store", "/publish-a-plugin"],
    ]),
  ],
};

const recipes = group(
  "Recipes",
  [
    ["One line for each client", "/recipes/"],
    ["openai", "/recipes/openai"],
    ["openai, for Azure", "/recipes/azure-openai"],
    ["AI SDK", "/recipes/ai-sdk"],
    ["LangChain, for OpenAI", "/recipes/langchain-openai"],
    ["LangChain, for Anthropic", "/recipes/langchain-anthropic"],
    ["LangChain, for Gemini", "/recipes/langchain-google-genai"],
    ["LangChain, for Ollama", "/recipes/langchain-ollama"],
    ["Anthropic's SDK", "/recipes/anthropic"],
    ["Google's SDK", "/recipes/google-genai"],
    ["OpenAI's Agents SDK", "/recipes/openai-agents"],
    ["Groq's SDK", "/recipes/groq"],
    ["Mistral's SDK", "/recipes/mistral"],
    ["Ollama's library", "/recipes/ollama"],
    ["Programs", "/recipes/programs"],
  ],
  true,
);

const concepts = group("Concepts", [
  ["Overview", "/concepts/"],
  ["Key", "/concepts/key"],
  ["Entry", "/concepts/entry"],
  ["Flight", "/concepts/flight"],
  ["Scope", "/concepts/scope"],
  ["Sample", "/concepts/sample"],
  ["What is stored", "/concepts/what-is-stored"],
]);

const reference = group("Reference", [
  ["The command: reference", "/command"],
  ["The command: description", "/packages/cli"],
  ["All exports", "/reference/"],
  ["Packages", "/packages"],
  ["Guarantees", "/reliability"],
  ["Security", "/security"],
  ["What a hit costs", "/performance"],
  ["How we measure", "/bench/"],
  ["Findings", "/bench/findings"],
  ["Decisions", "/decisions/"],
]);

const packages = group(
  "Packages",
  ["remem", "core", "openai", "azure", "qwen", "sqlite", "redis", "keyv", "fetch", "inspect", "gateway", "testing"].map(
    (name) => [name === "remem" ? name : `@remem/${name}`, `/packages/${name}`] as const,
  ),
  true,
);

export const nav: DefaultTheme.NavItem[] = [
  { text: "Start", link: "/tutorial", activeMatch: "^/(tutorial|install)" },
  { text: "Guides", link: "/guides/calls", activeMatch: "^/guides/" },
  { text: "Recipes", link: "/recipes/", activeMatch: "^/recipes/" },
  { text: "Concepts", link: "/concepts/", activeMatch: "^/concepts/" },
  { text: "Reference", link: "/reference/", activeMatch: "^/(reference/|command)" },
];

export const sidebar: Item[] = [start, guides, recipes, concepts, reference, packages];
