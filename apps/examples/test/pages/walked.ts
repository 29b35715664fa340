const EVALUATION = `import OpenAI from "openai";

const client = new OpenAI(); // reads OPENAI_BASE_URL
const messages = [{ role: "user", content: "Name a river." }];
const { choices } = await client.chat.completions.create({ model: "gpt-4o-mini", messages });
console.log(choices[0].message.content);
`;

/** The pages that a test follows from the top to the end, each with the files that its reader has. */
export const WALKED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "docs/tutorial.md": {},
  "docs/faq.md": {},
  "docs/guides/ci.md": { "evaluate.mjs": EVALUATION },
  "docs/guides/evaluation.md": {},
  "docs/guides/paper.md": {},
};
