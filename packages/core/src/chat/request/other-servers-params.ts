/** Any JSON that a server may take. */
type Param = string | number | boolean | object | null | undefined;

/** Parameters of servers other than OpenAI's, by their wire names. The server's documentation defines them exactly. */
export interface OtherServersParams {
  /** Qwen3's thinking mode, where the provider knows it. */
  readonly enable_thinking?: boolean | undefined;
  /** The `openai` package for Python sends its members with the parameters, over those of the same name. So does remem. */
  readonly extra_body?: object | null | undefined;

  // Sampling, of most servers that run open models (vLLM, SGLang, llama.cpp, Ollama, Together, Fireworks, OpenRouter).
  /** Sampling: how many of the likeliest tokens are considered. */
  readonly top_k?: number | null | undefined;
  /** Sampling: drops tokens below this share of the squared probability of the likeliest token (OpenRouter). */
  readonly top_a?: number | null | undefined;
  /** Sampling: drops tokens below this share of the probability of the likeliest token. */
  readonly min_p?: number | null | undefined;
  /** Sampling: the share of typical tokens that the server considers (llama.cpp, TGI). */
  readonly typical_p?: number | null | undefined;
  /** Above 1 the model repeats itself less. */
  readonly repetition_penalty?: number | null | undefined;
  /** Above 1 the model repeats itself less (llama.cpp, Ollama). */
  readonly repeat_penalty?: number | null | undefined;
  /** Beam search: above 1 longer answers are preferred. */
  readonly length_penalty?: number | null | undefined;
  /** The minimum number of tokens of an answer. */
  readonly min_tokens?: number | null | undefined;
  /** Tokens that end the answer. */
  readonly stop_token_ids?: readonly number[] | null | undefined;
  /** Whether the model goes on after its end token. */
  readonly ignore_eos?: boolean | null | undefined;
  /** Whether the answer includes the stop text that ended it. */
  readonly include_stop_str_in_output?: boolean | null | undefined;
  /** Whether the text leaves out special tokens. */
  readonly skip_special_tokens?: boolean | null | undefined;
  /** Whether spaces stand between special tokens. */
  readonly spaces_between_special_tokens?: boolean | null | undefined;
  /** The number of answers that the server makes, to return the best of them. */
  readonly best_of?: number | null | undefined;
  /** Uses beam search instead of sampling. */
  readonly use_beam_search?: boolean | null | undefined;
  /** How many of the likeliest tokens to give at each place of the prompt. */
  readonly prompt_logprobs?: number | null | undefined;

  // Templates and constraints of vLLM, SGLang and llama.cpp.
  /** The template that makes a prompt of the messages. */
  readonly chat_template?: string | null | undefined;
  /** Values for the template, such as `{ enable_thinking: false }`. */
  readonly chat_template_kwargs?: object | null | undefined;
  /** Whether the prompt ends with the start of an answer. */
  readonly add_generation_prompt?: boolean | null | undefined;
  /** Whether the model goes on from the last message. */
  readonly continue_final_message?: boolean | null | undefined;
  /** Whether the tokenizer adds special tokens to the prompt. */
  readonly add_special_tokens?: boolean | null | undefined;
  /** Texts for retrieval, which the template puts into the prompt. */
  readonly documents?: readonly object[] | null | undefined;
  /** Values for the processor of images and sound. */
  readonly mm_processor_kwargs?: object | null | undefined;
  /** Constraints of the answer (vLLM). */
  readonly structured_outputs?: object | null | undefined;
  /** A JSON Schema of the answer (older versions of vLLM). */
  readonly guided_json?: string | object | null | undefined;
  /** A regular expression that the answer matches (older versions of vLLM). */
  readonly guided_regex?: string | null | undefined;
  /** Texts: the answer is one of them (older versions of vLLM). */
  readonly guided_choice?: readonly string[] | null | undefined;
  /** A grammar that the answer follows (older versions of vLLM). */
  readonly guided_grammar?: string | null | undefined;
  /** A regular expression that the answer matches (SGLang). */
  readonly regex?: string | null | undefined;
  /** A grammar that the answer follows (SGLang). */
  readonly ebnf?: string | null | undefined;
  /** A grammar that the answer follows (llama.cpp). */
  readonly grammar?: string | null | undefined;
  /** Whether reasoning is given apart from the text (SGLang). */
  readonly separate_reasoning?: boolean | null | undefined;

  // DashScope.
  /** The maximum number of tokens of reasoning. */
  readonly thinking_budget?: number | null | undefined;
  /** Lets the model search the web. */
  readonly enable_search?: boolean | null | undefined;
  /** How the model searches the web. */
  readonly search_options?: object | null | undefined;
  /** Languages and terms of a translation. */
  readonly translation_options?: object | null | undefined;
  /** Whether images are read in a higher resolution. */
  readonly vl_high_resolution_images?: boolean | null | undefined;

  // OpenRouter, DeepSeek, Groq, Mistral, Perplexity, xAI, Azure.
  /** Models to try in turn (OpenRouter). */
  readonly models?: readonly string[] | null | undefined;
  /** Which providers may be used, and in which order (OpenRouter). */
  readonly provider?: object | null | undefined;
  /** Plugins such as web search (OpenRouter). */
  readonly plugins?: readonly object[] | null | undefined;
  /** How a prompt that is too long is shortened (OpenRouter). */
  readonly transforms?: readonly string[] | null | undefined;
  /** The reaction to a failure of the first model (OpenRouter). */
  readonly route?: string | null | undefined;
  /** How long the model reasons, and whether it is shown (OpenRouter). */
  readonly reasoning?: object | null | undefined;
  /** Whether reasoning is given (OpenRouter, Groq). */
  readonly include_reasoning?: boolean | null | undefined;
  /** How reasoning is given (Groq). */
  readonly reasoning_format?: string | null | undefined;
  /** Turns reasoning on or off (DeepSeek, Z.ai). */
  readonly thinking?: Param;
  /** Turns reasoning on or off (Ollama). */
  readonly think?: Param;
  /** Whether costs are given (OpenRouter). */
  readonly usage?: object | null | undefined;
  /** Adds a safety prompt (Mistral). */
  readonly safe_prompt?: boolean | null | undefined;
  /** Asks for a repeatable answer (Mistral). */
  readonly random_seed?: number | null | undefined;
  /** Adds the system prompt for reasoning (Mistral). */
  readonly prompt_mode?: string | null | undefined;
  /** How the model searches the web (Groq). */
  readonly search_settings?: object | null | undefined;
  /** How the model searches the web (xAI). */
  readonly search_parameters?: object | null | undefined;
  /** The sources in which the model looks for facts (Azure). */
  readonly data_sources?: readonly object[] | null | undefined;
  /** A prefix that the server caches (Gemini). */
  readonly cached_content?: string | null | undefined;

  // How a server runs the request.
  /** The model's options (Ollama). */
  readonly options?: object | null | undefined;
  /** How long the model stays loaded (Ollama). */
  readonly keep_alive?: string | number | null | undefined;
  /** The request's name in logs (vLLM). Not in the key. */
  readonly request_id?: string | null | undefined;
  /** The request's name in logs (SGLang). Not in the key. */
  readonly rid?: string | null | undefined;
  /** Which requests run first (vLLM). Not in the key. */
  readonly priority?: number | null | undefined;
  /** Keeps cached prefixes apart (vLLM). Not in the key. */
  readonly cache_salt?: string | null | undefined;
}
