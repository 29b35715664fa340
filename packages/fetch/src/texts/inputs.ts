import { type ChoiceText, isMembers, type JsonObject, type SurfaceTexts } from "@remem/core/plugin";
import { isText } from "../json/members.ts";
import { inFormat, type Vector } from "../surfaces/embeddings/embedding-format.ts";
import { contentText } from "./gemini.ts";
import { asText, spokenEach } from "./spoken.ts";

/** The answer to one input: a list of one, or the vector alone, as Ollama's older API gives it. */
interface EmbeddingAnswer {
  readonly data?: ReadonlyArray<{ readonly embedding: Vector }>;
  readonly embedding?: Vector;
}

/** How completions of a prompt read. */
export const completionsTexts: SurfaceTexts<JsonObject, JsonObject & { readonly choices: readonly JsonObject[] }> = {
  said: ["prompt"],
  messages: ({ prompt }) => spokenEach("user", prompt),
  choices: ({ choices }) =>
    choices.map(({ text, finish_reason: finishReason }) => ({
      role: "assistant",
      text: asText(text),
      ...(isText(finishReason) && { finishReason }),
    })),
};

/** This many numbers distinguish one vector from another. In base64, each takes four bytes. */
const FIRST_NUMBERS = 8;
const FIRST_CHARACTERS = Math.ceil((FIRST_NUMBERS * 4) / 3) * 4;

/** How embeddings read: the text, and the first numbers of its vector. */
export const embeddingsTexts: SurfaceTexts<JsonObject, EmbeddingAnswer & JsonObject> = {
  said: ["input", "prompt"],
  messages: ({ input, prompt }) => spokenEach("input", input ?? prompt),
  choices: ({ data, embedding = [] }) => vectorTexts(data?.map((item) => item.embedding) ?? [embedding]),
};

/** How Ollama's embeddings read. */
export const ollamaEmbeddingsTexts: SurfaceTexts<JsonObject, JsonObject & { readonly embeddings: readonly Vector[] }> =
  {
    said: ["input"],
    messages: ({ input }) => spokenEach("input", input),
    choices: ({ embeddings }) => vectorTexts(embeddings),
  };

/** How Gemini's embeddings read. */
export const geminiEmbeddingsTexts: SurfaceTexts<
  JsonObject,
  JsonObject & { readonly embedding: { readonly values: Vector } }
> = {
  said: ["content"],
  messages: ({ content }) => [contentText(content, "input")],
  choices: ({ embedding }) => vectorTexts([embedding.values]),
};

function vectorTexts(vectors: readonly Vector[]): ChoiceText[] {
  return vectors.map((vector) => ({ role: "embedding", text: vectorText(vector) }));
}

/** A base64 is decoded no further than needed: a list has many of them. */
function vectorText(vector: Vector): string {
  const isBase64 = typeof vector === "string";
  const count = isBase64 ? Math.floor(Buffer.byteLength(vector, "base64") / 4) : vector.length;
  const first = inFormat(isBase64 ? vector.slice(0, FIRST_CHARACTERS) : vector, false) as readonly number[];
  return `${count} numbers: ${first.slice(0, FIRST_NUMBERS).join(", ")}${count > FIRST_NUMBERS ? ", …" : ""}`;
}

/** How moderations read: the flagged inputs, and their categories. */
export const moderationsTexts: SurfaceTexts<JsonObject, JsonObject & { readonly results: readonly JsonObject[] }> = {
  said: ["input"],
  messages: ({ input }) => spokenEach("input", input),
  choices: ({ results }) =>
    results.map(({ flagged, categories }) => {
      const found = isMembers(categories) ? Object.keys(categories).filter((name) => categories[name] === true) : [];
      const reasons = found.length === 0 ? "" : `: ${found.join(", ")}`;
      return { role: "moderation", text: `${flagged === true ? "flagged" : "not flagged"}${reasons}` };
    }),
};
