// The results of Azure's content filter, as they are on the wire. Reference:
// https://learn.microsoft.com/azure/ai-services/openai/reference#chat-completions
//
// Azure adds categories and may leave out any, so every one is optional.

/** How severe a text is in a category, and whether the filter of the deployment has removed it. */
export interface ContentFilterSeverity {
  readonly filtered: boolean;
  readonly severity: "safe" | "low" | "medium" | "high" | (string & {});
}

/** Whether a text was recognized, and whether the filter of the deployment has removed it. */
export interface ContentFilterDetection {
  readonly filtered: boolean;
  readonly detected: boolean;
}

/** A detection of code that is published elsewhere. */
export interface ContentFilterCitedDetection extends ContentFilterDetection {
  readonly citation?: { readonly URL?: string; readonly license?: string };
}

/** Which of the deployment's own blocklists have matched. */
export interface ContentFilterBlocklists {
  readonly filtered: boolean;
  readonly details?: ReadonlyArray<{ readonly id: string; readonly filtered: boolean }>;
}

interface ContentFilterResults {
  readonly hate?: ContentFilterSeverity;
  readonly self_harm?: ContentFilterSeverity;
  readonly sexual?: ContentFilterSeverity;
  readonly violence?: ContentFilterSeverity;
  readonly profanity?: ContentFilterDetection;
  readonly custom_blocklists?: ContentFilterBlocklists;
  /** The filter failed or took too long. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** The results for one choice. */
export interface ContentFilterChoiceResults extends ContentFilterResults {
  readonly protected_material_text?: ContentFilterDetection;
  readonly protected_material_code?: ContentFilterCitedDetection;
}

/** The results for one prompt of the request. */
export interface ContentFilterPromptResults {
  readonly prompt_index: number;
  readonly content_filter_results: ContentFilterResults & {
    /** An attempt of the user to change the rules of the model. */
    readonly jailbreak?: ContentFilterDetection;
    /** Instructions in a document that the request quotes. */
    readonly indirect_attack?: ContentFilterDetection;
  };
}
