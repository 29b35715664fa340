import type { ModelPrice } from "remem/config";

/** Prices by model. */
export type Prices = Readonly<Record<string, ModelPrice>>;

/** The settings of the configuration file that have no flag. */
export interface ConfiguredFlags {
  /** The model for requests that name none, and whose file is used in a directory. Filters nothing, unlike `--model`. */
  readonly defaultModel?: string;
  /** The journal to use if `--journal` names none. */
  readonly defaultJournal?: string;
  /** How long answers may be served, in milliseconds. */
  readonly ttlMs?: number;
  readonly prices?: Prices;
}
