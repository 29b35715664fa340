import type { ModelPrice } from "remem/config";

/** Prices by model. */
export type Prices = Readonly<Record<string, ModelPrice>>;

/** What the configuration file sets and no flag does. */
export interface ConfiguredFlags {
  /** The model for requests that name none, and whose file is used in a directory. Filters nothing, unlike `--model`. */
  readonly defaultModel?: string;
  /** The journal that is meant where `--journal` names none. */
  readonly defaultJournal?: string;
  /** How long answers may be served, in milliseconds. */
  readonly ttlMs?: number;
  readonly prices?: Prices;
}
