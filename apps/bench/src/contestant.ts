import type { ChatCompletion, ChatRequest } from "@remem/core";

/** A cache that is measured. It runs in a process of its own. */
export interface Contestant {
  /** Returns the text of the stored answer, or else asks `generate` and stores its answer. */
  ask(request: ChatRequest): Promise<string>;
  /** The same for many requests at once, in their order. Left out if the cache has no method for that. */
  askAll?(requests: readonly ChatRequest[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The resources of a contestant. */
export interface Setting {
  /** A directory of its own: empty, or filled by an earlier process of the same contestant. */
  readonly directory: string;
  /** The URL of a Redis database of its own; empty for contestants that do not use Redis. */
  readonly redisUrl: string;
  /** The URL of a server of chat completions, for the contestant that caches nothing. */
  readonly serverUrl?: string;
  /** Stands for the model. */
  generate(request: ChatRequest): Promise<ChatCompletion>;
}

/** The function `open` that the module of a contestant exports. */
export type Open = (setting: Setting) => Promise<Contestant>;
