import type { InferRequest, JsonValue } from "remem";
import { UsageError } from "./usage-error.ts";

export interface ColumnFlags {
  /** Members of plain lines that go to the output and are not sent. */
  readonly keep: readonly string[];
  /** Members that are sent, although no documented server is known to take them. */
  readonly send: readonly string[];
}

type Members = { readonly [name: string]: JsonValue | undefined };

/** The members of a plain line by their use. */
export interface Columns {
  readonly kept: Members;
  readonly request: Members;
  /** Neither a known parameter, nor named by a flag: sending and dropping them would both be a guess. */
  readonly unknown: readonly string[];
}

/** The members of an output record, which no column may replace. */
const OURS = [
  "id",
  "response",
  "tool_calls",
  "function_call",
  "refusal",
  "choices",
  "metadata",
  "cache_hit",
  "key",
  "error",
];

/** @throws {UsageError} where the output would have two members of one name */
export function checkColumnFlags({ keep, send }: ColumnFlags): void {
  const taken = keep.find((name) => OURS.includes(name));
  if (taken !== undefined) throw new UsageError(`--keep ${taken}: the records of the output have a member "${taken}".`);
  const both = keep.find((name) => send.includes(name));
  if (both !== undefined) throw new UsageError(`--keep ${both} and --send ${both} contradict each other.`);
}

export function columnsOf(line: Members, { keep, send }: ColumnFlags): Columns {
  const kept: Record<string, JsonValue | undefined> = {};
  const request: Record<string, JsonValue | undefined> = {};
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(line)) {
    if (keep.includes(name)) kept[name] = value;
    else request[name] = value;
    if (!Object.hasOwn(PARAMETERS, name) && !keep.includes(name) && !send.includes(name)) unknown.push(name);
  }
  return { kept, request, unknown };
}

/** The parameters of documented servers. */
const PARAMETERS = {
  messages: true,
  model: true,
  temperature: true,
  top_p: true,
  seed: true,
  max_completion_tokens: true,
  max_tokens: true,
  stop: true,
  n: true,
  response_format: true,
  tools: true,
  tool_choice: true,
  parallel_tool_calls: true,
  reasoning_effort: true,
  verbosity: true,
  frequency_penalty: true,
  presence_penalty: true,
  logit_bias: true,
  logprobs: true,
  top_logprobs: true,
  modalities: true,
  audio: true,
  prediction: true,
  web_search_options: true,
  moderation: true,
  functions: true,
  function_call: true,
  user: true,
  safety_identifier: true,
  prompt_cache_key: true,
  prompt_cache_retention: true,
  prompt_cache_options: true,
  metadata: true,
  store: true,
  service_tier: true,
  stream_options: true,
  stream: true,
  enable_thinking: true,
  extra_body: true,
  top_k: true,
  top_a: true,
  min_p: true,
  typical_p: true,
  repetition_penalty: true,
  repeat_penalty: true,
  length_penalty: true,
  min_tokens: true,
  stop_token_ids: true,
  ignore_eos: true,
  include_stop_str_in_output: true,
  skip_special_tokens: true,
  spaces_between_special_tokens: true,
  best_of: true,
  use_beam_search: true,
  prompt_logprobs: true,
  chat_template: true,
  chat_template_kwargs: true,
  add_generation_prompt: true,
  continue_final_message: true,
  add_special_tokens: true,
  documents: true,
  mm_processor_kwargs: true,
  structured_outputs: true,
  guided_json: true,
  guided_regex: true,
  guided_choice: true,
  guided_grammar: true,
  regex: true,
  ebnf: true,
  grammar: true,
  separate_reasoning: true,
  thinking_budget: true,
  enable_search: true,
  search_options: true,
  translation_options: true,
  vl_high_resolution_images: true,
  models: true,
  provider: true,
  plugins: true,
  transforms: true,
  route: true,
  reasoning: true,
  include_reasoning: true,
  reasoning_format: true,
  thinking: true,
  think: true,
  usage: true,
  safe_prompt: true,
  random_seed: true,
  prompt_mode: true,
  search_settings: true,
  search_parameters: true,
  data_sources: true,
  cached_content: true,
  options: true,
  keep_alive: true,
  request_id: true,
  rid: true,
  priority: true,
  cache_salt: true,
} as const satisfies Record<keyof InferRequest, true>;
