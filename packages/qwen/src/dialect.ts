import { type ChatRequest, InvalidRequestError, type JsonValue } from "@remem/core/plugin";

/** How one kind of server takes the thinking flag. */
export interface Dialect {
  /** The default address of such a server. */
  readonly baseURL: string;
  /** The thinking flag in the server's own form and its path, if the request has one. */
  nativeFlag(request: ChatRequest): { readonly path: string; readonly thinks: boolean } | undefined;
  /** Returns the request with the flag exactly where this server reads it, or without a flag if undefined. */
  withThinking(request: ChatRequest, thinks: boolean | undefined): ChatRequest;
  /** Whether the server returns thoughts only in a stream. */
  readonly streamsThoughts: boolean;
  /** The sampling that Qwen recommends for thinking (model card of Qwen3, "Best Practices"), as far as supported. */
  readonly sampling: Readonly<Record<string, number>>;
}

export type DialectName = "vllm" | "dashscope" | "ollama";

const SAMPLING = { temperature: 0.6, top_p: 0.95 };

/** vLLM and SGLang pass `chat_template_kwargs` to the model's template. */
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

/** Alibaba Cloud Model Studio. Most of its models refuse to think without a stream. */
const dashscope: Dialect = {
  baseURL: "https://dashscope.aliyuncs.com/compatible-mode/v1",
  nativeFlag: () => undefined,
  withThinking({ enable_thinking: _, ...rest }, thinks) {
    return thinks === undefined ? rest : { ...rest, enable_thinking: thinks };
  },
  streamsThoughts: true,
  sampling: { ...SAMPLING, top_k: 20 },
};

/** Ollama thinks for any level but "none"; `true` means "medium" to it. It ignores `top_k`. */
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
