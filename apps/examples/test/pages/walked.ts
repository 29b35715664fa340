const evaluation = (request: string): string => `import OpenAI from "openai";

const client = new OpenAI(); // reads OPENAI_BASE_URL
const { choices } = await client.chat.completions.create({ model: "gpt-4o-mini", ${request} });
console.log(choices[0].message.content);
`;

/** The pages that a test follows from the top to the end, each with the files that its reader has. */
export const WALKED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "docs/tutorial.md": {},
  "docs/faq.md": {},
  "docs/guides/ci.md": {
    "evaluate.mjs": evaluation('messages: [{ role: "user", content: "Name a river." }]'),
  },
  "docs/guides/evaluation.md": {},
  // It asks what the page has asked before.
  "docs/guides/paper.md": {
    "evaluate.mjs": evaluation(
      'messages: [{ role: "user", content: "Name a river in Poland." }], temperature: 0, seed: 7',
    ),
  },
};
