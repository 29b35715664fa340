import {
  type CacheStore,
  chatSurface,
  encodeEntry,
  type JsonObject,
  type KeyFacts,
  putEntry,
  recomputedKey,
} from "@remem/core";
import { fetchSurfaces } from "@remem/fetch";

/** An entry as a client has stored it. */
export interface Put {
  readonly request: JsonObject;
  readonly message: JsonObject;
  readonly facts?: KeyFacts;
  readonly createdAt?: number;
  readonly finishReason?: string;
  readonly tokens?: readonly [prompt: number, completion: number];
}

/** Stores an answer of Chat Completions, and returns its key. */
export async function put(
  store: CacheStore,
  { request, message, facts = {}, createdAt = Date.now(), ...others }: Put,
): Promise<string> {
  const { finishReason = "stop", tokens: [prompt, completion] = [120, 40] } = others;
  const key = recomputedKey(chatSurface, request, facts);
  const answer = {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: Math.floor(createdAt / 1_000),
    model: `${request.model}-2026-03-01`,
    choices: [{ index: 0, finish_reason: finishReason, message: { role: "assistant", ...message } }],
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  };
  await putEntry(store, key, encodeEntry({ key, createdAt, answer, request, facts }));
  return key;
}

export const user = (content: string): JsonObject => ({ role: "user", content });
const assistant = (content: string): JsonObject => ({ role: "assistant", content });

/** A small red picture. */
export const PICTURE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";

export interface Sample {
  readonly first: string;
  readonly second: string;
  readonly third: string;
  readonly otherModel: string;
  readonly otherSample: string;
  readonly tools: string;
  readonly picture: string;
}

const HOUR = 3_600_000;

/** A cache as people have it: a conversation of three steps, other models and samples, tools, pictures, Markdown. */
export async function putSample(store: CacheStore): Promise<Sample> {
  const now = Date.now();
  const lake = "Which lake in the Alps is the deepest? Answer in one sentence, with its depth.";
  const como = "Lake Como is the deepest lake of the Alps, with a depth of about 425 metres.";
  const base = { model: "gpt-4o-mini", temperature: 0 };
  const ask = [{ role: "system", content: "You are a careful geographer." }, user(lake)];
  const first = await put(store, {
    request: { ...base, messages: ask },
    message: { content: como },
    createdAt: now - 5 * HOUR,
  });
  const more = [...ask, assistant(como), user("And in Italy as a whole?")];
  const second = await put(store, {
    request: { ...base, messages: more },
    message: { content: "It is also the deepest lake of Italy." },
    createdAt: now - 4 * HOUR,
  });
  const third = await put(store, {
    request: {
      ...base,
      messages: [...more, assistant("It is also the deepest lake of Italy."), user("Thanks! In a table, please.")],
    },
    message: {
      content:
        "| lake | depth |\n| --- | ---: |\n| **Como** | 425 m |\n| Maggiore | 372 m |\n\nSee [the source](https://example.com/lakes) and ![a map](https://example.com/map.png).",
    },
    createdAt: now - 3 * HOUR,
    tokens: [310, 66],
  });
  const otherModel = await put(store, {
    request: { ...base, model: "gpt-4.1", messages: ask },
    message: {
      content: "Lake Como, in Lombardy, is the deepest lake of the Alps: its greatest depth is about 410 metres.",
    },
    createdAt: now - 2 * HOUR,
    tokens: [120, 52],
  });
  const otherSample = await put(store, {
    request: { ...base, messages: ask },
    facts: { sample: 1 },
    message: { content: "The deepest lake of the Alps is Lake Como, with a depth of 425 metres." },
    createdAt: now - 26 * HOUR,
  });
  const tools = await put(store, {
    request: {
      model: "gpt-4o-mini",
      temperature: 0.2,
      messages: [
        user("What is the weather in Como, and should I take an umbrella?"),
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "1", type: "function", function: { name: "weather", arguments: '{"place":"Como","days":2}' } },
          ],
        },
        { role: "tool", tool_call_id: "1", content: '{"rain":[0.1,0.7],"unit":"mm/h"}' },
      ],
      tools: [
        {
          type: "function",
          function: { name: "weather", parameters: { type: "object", properties: { place: { type: "string" } } } },
        },
      ],
    },
    message: {
      content: "Take one tomorrow.",
      reasoning_content: "The rain of tomorrow is 0.7 mm/h, which is more than today's.",
    },
    createdAt: now - 30 * 60_000,
  });
  const picture = await put(store, {
    request: {
      model: "gpt-4.1",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What colour is this, and what is there?" },
            { type: "image_url", image_url: { url: PICTURE } },
            { type: "image_url", image_url: { url: "https://example.com/elsewhere.png" } },
          ],
        },
      ],
      max_tokens: 50,
    },
    message: { content: "It is red" },
    finishReason: "length",
    createdAt: now - 60_000,
  });
  return { first, second, third, otherModel, otherSample, tools, picture };
}

export const surfaces: typeof fetchSurfaces = fetchSurfaces;
