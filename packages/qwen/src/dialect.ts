import { type ChatRequest, InvalidRequestError, type JsonValue } from "@remem/core";

/** How a kind of server takes the flag. */
export interface Dialect {
  /** Where such a server answers unless another address is given. */
  readonly baseURL: string;
  /** What a request says about thinking in this server's own words, and at which path. */
  nativeFlag(request: ChatRequest): { readonly path: string; readonly thinks: boolean } | undefined;
  /** The request with the flag where this server reads it and nowhere else; with none where it is undefined. */
  withThinking(request: ChatRequest, thinks: boolean | undefined): ChatRequest;
  /** Whether it gives thoughts in a stream alone. */
  readonly streamsThoughts: boolean;
  /** What Qwen advises for thinking (model card of Qwen3, "Best Practices"), as far as this server reads it. */
  readonly sampling: Readonly<Record<string, number>>;
}

export type DialectName = "vllm" | "dashscope" | "ollama";

const SAMPLING = { temperature: 0.6, top_p: 0.95 };

/** vLLM and SGLang hand `chat_template_kwargs` to the model's template. */
const vllm: Dialect = {
  baseURL: "http://localhost:8000/v1",
  nativeFlag(request) {
    const path = "/chat_template_kwargs/enable_thinking";
    const thinks = templateArguments(request).enable_thinking ?? undefined;
    if (thinks === undefined) return undefined;
    if (typeof thinks !== "boolean") throw new InvalidRequestError(path, "must be true or false.");
    return { path, thinks };
  },
  withThinking(request, thinks) {
    const { enable_thinking: _, chat_template_kwargs: __, ...rest } = request;
    const { enable_thinking: ___, ...others } = templateArguments(request);
    const all = { ...others, ...(thinks !== undefined && { enable_thinking: thinks }) };
    return Object.keys(all).length === 0 ? rest : { ...rest, chat_template_kwargs: all };
  },
  streamsThoughts: false,
  sampling: { ...SAMPLING, top_k: 20 },
};

/** Alibaba Cloud Model Studio. Most of its models refuse to think where the answer is to come in one piece. */
const dashscope: Dialect = {
  baseURL: "https://dashscope.aliyuncs.com/compatible-mode/v1",
  nativeFlag: () => undefined,
  withThinking({ enable_thinking: _, ...rest }, thinks) {
    return thinks === undefined ? rest : { ...rest, enable_thinking: thinks };
  },
  streamsThoughts: true,
  sampling: { ...SAMPLING, top_k: 20 },
};

/** Ollama takes any level for a yes, and its own yes for "medium". Of `top_k` it reads nothing. */
const ollama: Dialect = {
  baseURL: "http://localhost:11434/v1",
  nativeFlag({ reasoning_effort: level }) {
    return level ? { path: "/reasoning_effort", thinks: level !== "none" } : undefined;
  },
  withThinking({ enable_thinking: _, reasoning_effort: level, ...rest }, thinks) {
    if (thinks === false) return { ...rest, reasoning_effort: "none" };
    const asked = level && level !== "none" ? level : thinks && "medium";
    return asked ? { ...rest, reasoning_effort: asked } : rest;
  },
  streamsThoughts: false,
  sampling: SAMPLING,
};

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { vllm, dashscope, ollama };

function templateArguments({ chat_template_kwargs: kwargs }: ChatRequest): {
  readonly [name: string]: JsonValue | undefined;
} {
  if (kwargs === undefined || kwargs === null) return {};
  if (typeof kwargs === "object" && !Array.isArray(kwargs)) return kwargs as { readonly [name: string]: JsonValue };
  throw new InvalidRequestError("/chat_template_kwargs", "must be an object.");
}
