/** Any JSON that a server may take. */
type Param = string | number | boolean | object | null | undefined;

/** Parameters of servers other than OpenAI's, by their wire names; their documentation says what they mean. */
export interface OtherServersParams {
  /** Qwen3's thinking mode, where the provider knows it. */
  readonly enable_thinking?: boolean | undefined;
  /** Its members are sent beside the parameters, over those of the same name, as by the `openai` package for Python. */
  readonly extra_body?: object | null | undefined;

  // Sampling, of most servers that run open models (vLLM, SGLang, llama.cpp, Ollama, Together, Fireworks, OpenRouter).
  readonly top_k?: number | null | undefined;
  readonly top_a?: number | null | undefined;
  readonly min_p?: number | null | undefined;
  readonly typical_p?: number | null | undefined;
  readonly repetition_penalty?: number | null | undefined;
  readonly repeat_penalty?: number | null | undefined;
  readonly length_penalty?: number | null | undefined;
  readonly min_tokens?: number | null | undefined;
  readonly stop_token_ids?: readonly number[] | null | undefined;
  readonly ignore_eos?: boolean | null | undefined;
  readonly include_stop_str_in_output?: boolean | null | undefined;
  readonly skip_special_tokens?: boolean | null | undefined;
  readonly spaces_between_special_tokens?: boolean | null | undefined;
  readonly best_of?: number | null | undefined;
  readonly use_beam_search?: boolean | null | undefined;
  readonly prompt_logprobs?: number | null | undefined;

  // Templates and constraints of vLLM, SGLang and llama.cpp.
  readonly chat_template?: string | null | undefined;
  readonly chat_template_kwargs?: object | null | undefined;
  readonly add_generation_prompt?: boolean | null | undefined;
  readonly continue_final_message?: boolean | null | undefined;
  readonly add_special_tokens?: boolean | null | undefined;
  readonly documents?: readonly object[] | null | undefined;
  readonly mm_processor_kwargs?: object | null | undefined;
  readonly structured_outputs?: object | null | undefined;
  readonly guided_json?: string | object | null | undefined;
  readonly guided_regex?: string | null | undefined;
  readonly guided_choice?: readonly string[] | null | undefined;
  readonly guided_grammar?: string | null | undefined;
  readonly regex?: string | null | undefined;
  readonly ebnf?: string | null | undefined;
  readonly grammar?: string | null | undefined;
  readonly separate_reasoning?: boolean | null | undefined;

  // DashScope.
  readonly thinking_budget?: number | null | undefined;
  readonly enable_search?: boolean | null | undefined;
  readonly search_options?: object | null | undefined;
  readonly translation_options?: object | null | undefined;
  readonly vl_high_resolution_images?: boolean | null | undefined;

  // OpenRouter, DeepSeek, Groq, Mistral, Perplexity, xAI, Azure.
  readonly models?: readonly string[] | null | undefined;
  readonly provider?: object | null | undefined;
  readonly plugins?: readonly object[] | null | undefined;
  readonly transforms?: readonly string[] | null | undefined;
  readonly route?: string | null | undefined;
  readonly reasoning?: object | null | undefined;
  readonly include_reasoning?: boolean | null | undefined;
  readonly reasoning_format?: string | null | undefined;
  readonly thinking?: Param;
  readonly think?: Param;
  readonly usage?: object | null | undefined;
  readonly safe_prompt?: boolean | null | undefined;
  readonly random_seed?: number | null | undefined;
  readonly prompt_mode?: string | null | undefined;
  readonly search_settings?: object | null | undefined;
  readonly search_parameters?: object | null | undefined;
  readonly data_sources?: readonly object[] | null | undefined;
  readonly cached_content?: string | null | undefined;

  // How a server runs the request. The last four are not in the key.
  readonly options?: object | null | undefined;
  readonly keep_alive?: string | number | null | undefined;
  readonly request_id?: string | null | undefined;
  readonly rid?: string | null | undefined;
  readonly priority?: number | null | undefined;
  readonly cache_salt?: string | null | undefined;
}
