import type { ContentFilterResultsForChoiceOutput, ContentFilterResultsForPromptOutput } from "@azure/openai/types";
import type { ChatChoice, ChatCompletion } from "@remem/core";

/** An answer of Azure's, with what its content filter says: `result.completion as AzureChatCompletion`. */
export interface AzureChatCompletion extends ChatCompletion {
  readonly choices: readonly AzureChatChoice[];
  readonly prompt_filter_results?: readonly ContentFilterResultsForPromptOutput[];
}

export interface AzureChatChoice extends ChatChoice {
  readonly content_filter_results?: ContentFilterResultsForChoiceOutput;
}
