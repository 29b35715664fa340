import { type ChatRequest, type DeferredLimits, InvalidRequestError, type JsonValue } from "@remem/core/plugin";

/** How one kind of server takes the thinking flag. */
export interface Dialect {
  /** The default address of such a server. */
  readonly baseURL: string;
  /** The thinking flags in the server's own form, besides those that every dialect understands. */
  nativeFlags(request: ChatRequest): Flag[];
  /** Returns the request with the flag exactly where this server reads it, or without a flag if undefined. */
  withThinking(request: ChatRequest, thinks: boolean | undefined): ChatRequest;
  /** Whether the server returns thoughts only in a stream. */
  readonly streamsThoughts: boolean;
  /** The sampling that Qwen recommends for thinking (model card of Qwen3, "Best Practices"), as far as supported. */
  readonly sampling: Readonly<Record<string, number>>;
  /** The limits of a batch. Left out if such servers have no Batch API. */
  readonly batchLimits?: DeferredLimits;
}

export interface Flag {
  readonly path: string;
  readonly thinks: boolean;
}

/** The form in which a server takes the thinking flag: that of vLLM and SGLang, of DashScope, or of Ollama. */
export type DialectName = "vllm" | "dashscope" | "ollama";

const SAMPLING = { temperature: 0.6, top_p: 0.95 };

/** vLLM and SGLang pass `chat_template_kwargs` to the model's template. */
const vllm: Dialect = {
  baseURL: "http://localhost:8000/v1",
  nativeFlags: () => [],
  withThinking(request, thinks) {
    const { enable_thinking: _, chat_template_kwargs: __, ...rest } = request;
    const { enable_thinking: ___, ...others } = templateArguments(request);
    const all = { ...others, ...(thinks !== undefined && { enable_thinking: thinks }) };
    return Object.keys(all).length === 0 ? rest : { ...rest, chat_template_kwargs: all };
  },
  streamsThoughts: false,
  sampling: { ...SAMPLING, top_k: 20 },
  // The limits of hosted servers. vLLM itself answers such files by `vllm run-batch`.
  batchLimits: { maxRequests: 50_000, maxBytes: 200e6 },
};

/** Alibaba Cloud Model Studio. Most of its models refuse to think without a stream. */
const dashscope: Dialect = {
  baseURL: "https://dashscope.aliyuncs.com/compatible-mode/v1",
  nativeFlags: () => [],
  withThinking(request, thinks) {
    const { enable_thinking: _, ...rest } = withoutTemplateFlag(request);
    return thinks === undefined ? rest : { ...rest, enable_thinking: thinks };
  },
  streamsThoughts: true,
  sampling: { ...SAMPLING, top_k: 20 },
  // https://www.alibabacloud.com/help/en/model-studio/batch-interfaces-compatible-with-openai: the edition with the smallest limit says 100 MB.
  batchLimits: { maxRequests: 50_000, maxBytes: 100e6 },
};

/** Ollama thinks for any level but "none"; `true` means "medium" to it. It ignores `top_k`. */
const ollama: Dialect = {
  baseURL: "http://localhost:11434/v1",
  nativeFlags({ reasoning_effort: level }) {
    return level ? [{ path: "/reasoning_effort", thinks: level !== "none" }] : [];
  },
  withThinking(request, thinks) {
    const { enable_thinking: _, reasoning_effort: level, ...rest } = withoutTemplateFlag(request);
    if (thinks === false) return { ...rest, reasoning_effort: "none" };
    const asked = level && level !== "none" ? level : thinks && "medium";
    return asked ? { ...rest, reasoning_effort: asked } : rest;
  },
  streamsThoughts: false,
  sampling: SAMPLING,
};

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { vllm, dashscope, ollama };

/** The dialect of the server at an address: DashScope and ModelScope have known domains, and Ollama a known port. */
export function dialectAt(address: string): DialectName {
  const url = URL.parse(address);
  if (url === null) return "vllm";
  if (/(^|\.)(aliyuncs\.com|modelscope\.(cn|ai))$/.test(url.hostname)) return "dashscope";
  return url.port === "11434" ? "ollama" : "vllm";
}

/**
 * All thinking flags of a request. Every dialect knows the one in `chat_template_kwargs`: it is the form of Qwen's own
 * examples, and no server may overlook that a request asks for thinking.
 * @throws {InvalidRequestError} if a flag is not a boolean
 */
export function flagsOf(request: ChatRequest, dialect: Dialect): Flag[] {
  return [
    ...flagAt("/enable_thinking", request.enable_thinking),
    ...flagAt("/chat_template_kwargs/enable_thinking", templateArguments(request).enable_thinking),
    ...dialect.nativeFlags(request),
  ];
}

function flagAt(path: string, thinks: JsonValue | undefined): Flag[] {
  if (thinks === undefined || thinks === null) return [];
  if (typeof thinks !== "boolean") throw new InvalidRequestError(path, "must be true or false.");
  return [{ path, thinks }];
}

/** For servers without templates, which may refuse a flag in them. */
function withoutTemplateFlag(request: ChatRequest): ChatRequest {
  const { enable_thinking: flag, ...others } = templateArguments(request);
  if (flag === undefined) return request;
  const { chat_template_kwargs: _, ...rest } = request;
  return Object.keys(others).length === 0 ? rest : { ...rest, chat_template_kwargs: others };
}

function templateArguments({ chat_template_kwargs: kwargs }: ChatRequest): {
  readonly [name: string]: JsonValue | undefined;
} {
  if (kwargs === undefined || kwargs === null) return {};
  if (typeof kwargs === "object" && !Array.isArray(kwargs)) return kwargs as { readonly [name: string]: JsonValue };
  throw new InvalidRequestError("/chat_template_kwargs", "must be an object.");
}
