// The results of Azure's content filter, as they are on the wire. Reference:
// https://learn.microsoft.com/azure/ai-services/openai/reference#chat-completions
//
// Azure adds categories and may leave out any, so every one is optional.

/** How severe a text is in a category, and whether the filter of the deployment has removed it. */
export interface ContentFilterSeverity {
  /** Whether the filter has removed the text. */
  readonly filtered: boolean;
  /** The severity of the text. */
  readonly severity: "safe" | "low" | "medium" | "high" | (string & {});
}

/** Whether a text was recognized, and whether the filter of the deployment has removed it. */
export interface ContentFilterDetection {
  /** Whether the filter has removed the text. */
  readonly filtered: boolean;
  /** Whether the text was recognized. */
  readonly detected: boolean;
}

/** A detection of code that is published elsewhere. */
export interface ContentFilterCitedDetection extends ContentFilterDetection {
  /** The place where the code is published. */
  readonly citation?: { readonly URL?: string; readonly license?: string };
}

/** Which of the deployment's own blocklists have matched. */
export interface ContentFilterBlocklists {
  /** Whether a blocklist has removed the text. */
  readonly filtered: boolean;
  /** Each blocklist by its name. */
  readonly details?: ReadonlyArray<{ readonly id: string; readonly filtered: boolean }>;
}

interface ContentFilterResults {
  /** Hate and unfairness. */
  readonly hate?: ContentFilterSeverity;
  /** Self-harm. */
  readonly self_harm?: ContentFilterSeverity;
  /** Sexual content. */
  readonly sexual?: ContentFilterSeverity;
  /** Violence. */
  readonly violence?: ContentFilterSeverity;
  /** Profanity. */
  readonly profanity?: ContentFilterDetection;
  /** The deployment's own blocklists. */
  readonly custom_blocklists?: ContentFilterBlocklists;
  /** The filter failed or took too long. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** The results for one choice. */
export interface ContentFilterChoiceResults extends ContentFilterResults {
  /** Known texts, such as lyrics. */
  readonly protected_material_text?: ContentFilterDetection;
  /** Known code of public repositories. */
  readonly protected_material_code?: ContentFilterCitedDetection;
}

/** The results for one prompt of the request. */
export interface ContentFilterPromptResults {
  /** The place of the prompt, from 0. */
  readonly prompt_index: number;
  /** The findings of the filter. */
  readonly content_filter_results: ContentFilterResults & {
    /** An attempt of the user to change the rules of the model. */
    readonly jailbreak?: ContentFilterDetection;
    /** Instructions in a document that the request quotes. */
    readonly indirect_attack?: ContentFilterDetection;
  };
}
