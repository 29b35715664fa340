/** What documented servers say, with the source of each row: how answers end, what they hold, and how calls fail. */
export interface Server {
  readonly name: string;
  readonly source: string;
  /** Reasons after which an answer is stored. */
  readonly whole?: readonly string[];
  /** Reasons after which it is returned, and not stored. */
  readonly partial?: readonly string[];
  readonly failures?: readonly Failure[];
  readonly messages?: readonly Message[];
}

export interface Failure {
  readonly status: number;
  readonly body: object | string;
  readonly expected: { readonly status: number; readonly retryable: boolean; readonly words: string };
}

export interface Message {
  readonly message: object;
  readonly finish_reason?: string;
  readonly response: string;
  readonly reasoning?: string;
  readonly isStored: boolean;
}

const text = "A lake.";
const said = { response: text, isStored: true };
const thought = { ...said, reasoning: "hm" };
const call = { id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } };

export const SERVERS: readonly Server[] = [
  {
    name: "OpenAI",
    source: "https://platform.openai.com/docs/api-reference/chat/object",
    whole: ["stop", "tool_calls", "function_call"],
    partial: ["length", "content_filter"],
    messages: [
      { message: { content: text }, ...said },
      { message: { content: text, refusal: null, annotations: [] }, ...said },
      { message: { content: null, refusal: "No." }, response: "", isStored: true },
      { message: { content: null, tool_calls: [call] }, finish_reason: "tool_calls", response: "", isStored: true },
      { message: { content: null }, response: "", isStored: false },
    ],
    failures: [
      failure(400, wrapped("Unsupported parameter", { type: "invalid_request_error", code: null }), false),
      failure(429, wrapped("Rate limit reached", { type: "tokens", code: "rate_limit_exceeded" }), true),
      failure(429, wrapped("You exceeded your current quota", { code: "insufficient_quota" }), false),
      failure(503, wrapped("The engine is overloaded", { code: null }), true),
    ],
  },
  {
    name: "DeepSeek",
    source: "https://api-docs.deepseek.com/api/create-chat-completion",
    whole: ["stop", "tool_calls"],
    partial: ["length", "content_filter", "insufficient_system_resource"],
    messages: [{ message: { content: text, reasoning_content: "hm" }, ...thought }],
  },
  {
    name: "vLLM",
    source: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
    whole: ["stop", "tool_calls"],
    partial: ["length", "abort"],
    messages: [
      { message: { content: text, reasoning: "hm", reasoning_content: "" }, ...thought },
      { message: { content: text, reasoning: null, reasoning_content: "hm" }, ...thought },
    ],
    failures: [
      failure(
        400,
        { object: "error", message: "Too long a prompt", type: "BadRequestError", param: null, code: 400 },
        false,
      ),
      failure(404, wrapped("The model `x` does not exist.", { type: "NotFoundError", code: 404 }), false),
    ],
  },
  {
    name: "Text Generation Inference",
    source: "https://huggingface.co/docs/text-generation-inference/reference/api_reference",
    whole: ["stop", "eos_token", "stop_sequence"],
    partial: ["length"],
    failures: [failure(429, { error: "Model is overloaded", error_type: "overloaded" }, true)],
  },
  {
    name: "Together",
    source: "https://docs.together.ai/reference/chat-completions-1",
    whole: ["stop", "eos", "tool_calls"],
    partial: ["length"],
  },
  {
    name: "Mistral",
    source: "https://docs.mistral.ai/api/endpoint/chat",
    whole: ["stop", "tool_calls"],
    partial: ["length", "model_length"],
    messages: [
      {
        message: {
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
            { type: "text", text },
          ],
        },
        ...thought,
      },
    ],
    failures: [
      failure(
        422,
        { detail: [{ loc: ["body", "model"], msg: "Field required", type: "missing" }] },
        false,
        "Field required",
      ),
    ],
  },
  {
    name: "Zhipu",
    source: "https://docs.bigmodel.cn/api-reference",
    whole: ["stop", "tool_calls"],
    partial: ["length", "sensitive", "network_error", "model_context_window_exceeded"],
  },
  {
    name: "Gemini",
    source: "https://ai.google.dev/api/generate-content#FinishReason",
    whole: ["stop", "STOP"],
    partial: ["MAX_TOKENS", "SAFETY", "RECITATION", "MALFORMED_FUNCTION_CALL", "OTHER"],
    failures: [
      failure(
        429,
        { error: { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" } },
        true,
        "Quota exceeded",
      ),
      failure(
        400,
        [{ error: { code: 400, message: "API key not valid", status: "INVALID_ARGUMENT" } }],
        false,
        "API key not valid",
      ),
    ],
  },
  {
    name: "Anthropic",
    source: "https://docs.anthropic.com/en/api/openai-sdk",
    whole: ["end_turn", "tool_use", "stop_sequence"],
    partial: ["max_tokens", "refusal", "pause_turn"],
  },
  {
    name: "Cohere",
    source: "https://docs.cohere.com/reference/chat",
    whole: ["COMPLETE", "TOOL_CALL"],
    partial: ["MAX_TOKENS", "ERROR_TOXIC"],
    failures: [failure(429, { message: "Please wait and try again later" }, true)],
  },
  {
    name: "OpenRouter",
    source: "https://openrouter.ai/docs/api-reference/errors",
    messages: [
      {
        message: { content: "", images: [{ type: "image_url", image_url: { url: "data:image/png;base64,aa" } }] },
        response: "",
        isStored: true,
      },
    ],
    failures: [
      failure(
        200,
        wrapped("Provider returned error", { code: 502, metadata: { raw: "Upstream is down" } }),
        true,
        "Upstream is down",
        502,
      ),
      failure(200, wrapped("Rate limited", { code: 429 }), true, "Rate limited", 429),
    ],
  },
  {
    name: "MiniMax",
    source: "https://platform.minimax.io/docs/api-reference/errorcode",
    failures: [
      failure(
        200,
        { choices: null, base_resp: { status_code: 1002, status_msg: "rate limit" } },
        true,
        "rate limit",
        429,
      ),
      failure(
        200,
        { choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } },
        false,
        "insufficient balance",
      ),
    ],
  },
  {
    name: "DashScope",
    source: "https://help.aliyun.com/zh/model-studio/error-code",
    partial: ["null"],
    failures: [failure(429, { code: "Throttling.RateQuota", message: "Requests rate limit exceeded" }, true)],
  },
  {
    name: "Databricks",
    source: "https://docs.databricks.com/api/workspace/introduction",
    failures: [
      failure(429, { error_code: "REQUEST_LIMIT_EXCEEDED", message: "Exceeded the workspace limit" }, true),
      failure(403, { error_code: "PERMISSION_DENIED", message: "No permission on the endpoint" }, false),
    ],
  },
  {
    name: "a server of FastAPI",
    source: "https://fastapi.tiangolo.com/tutorial/handling-errors/",
    failures: [failure(404, { detail: "Not Found here" }, false, "Not Found here")],
  },
];

function wrapped(message: string, rest: object): object {
  return { error: { message, param: null, ...rest } };
}

function failure(status: number, body: object, retryable: boolean, words?: string, expectedStatus = status): Failure {
  const { error, message } = body as { error?: string | { message: string }; message?: string };
  const own = typeof error === "object" ? error.message : (error ?? message);
  return { status, body, expected: { status: expectedStatus, retryable, words: words ?? own! } };
}
